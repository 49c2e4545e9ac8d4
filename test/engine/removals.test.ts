import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createRemovals } from '../../src/engine/removals.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { err, ok, type Result } from '../../src/shared/result.ts'

/** Removals over a kernel that answers as it is told, with timers that the test moves. */
function kernel(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let answer: () => Promise<Result<void, string>> = async () => err('EBUSY')
  let tries = 0
  const log: LogRecord[] = []
  const removals = createRemovals({
    addresses: {
      apply: (_, desired) => {
        assert.deepEqual(desired, [])
        tries += 1
        return answer()
      },
    },
    onBug: (thrown) => assert.fail(String(thrown)),
    log: (record) => log.push(record),
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i += 1) {
      t.mock.timers.tick(1_000)
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    }
  }
  return {
    removals,
    pass,
    allow: () => {
      answer = async () => ok(undefined)
    },
    answerBy: (promise: Promise<Result<void, string>>) => {
      answer = () => promise
    },
    tries: () => tries,
    said: () => log.map(({ level, message }) => `${level} ${message}`),
  }
}

test('what cannot be removed is tried each second until it is gone; status shows it meanwhile', async (t) => {
  const box = kernel(t)
  await box.removals.remove('www')
  assert.ok(box.removals.isOwed('www'))
  assert.match(JSON.stringify(box.removals.warnings()), /vip\.unbind.*www: .*still bound.*EBUSY/)
  await box.pass(5)
  assert.equal(box.tries(), 6)
  assert.deepEqual(box.said(), ['error still bound, tried again each second: EBUSY'])
  let ended = false
  const done = box.removals.done().then(() => {
    ended = true
  })
  await box.pass(1)
  assert.ok(!ended, 'a stop waits for it')
  box.allow()
  await box.pass(1)
  await done
  assert.deepEqual([box.removals.isOwed('www'), box.removals.warnings()], [false, []])
  assert.match(box.said()[1] ?? '', /^info .*removed/)
  const tries = box.tries()
  await box.pass(5)
  assert.equal(box.tries(), tries)
})

test('what can be removed at once leaves nothing to wait for', async (t) => {
  const box = kernel(t)
  box.allow()
  await box.removals.remove('www')
  await box.removals.done()
  assert.deepEqual([box.tries(), box.said()], [1, []])
})

test('an owner that binds again has nothing taken away behind its back', async (t) => {
  const box = kernel(t)
  await box.removals.remove('www')
  box.removals.cancel('www')
  assert.ok(!box.removals.isOwed('www'))
  await box.pass(5)
  assert.equal(box.tries(), 1)

  const late = Promise.withResolvers<Result<void, string>>()
  box.answerBy(late.promise)
  const removal = box.removals.remove('www')
  box.removals.cancel('www')
  late.resolve(err('EBUSY'))
  await removal
  assert.ok(!box.removals.isOwed('www'), 'a removal that fails after that owes nothing')
})
