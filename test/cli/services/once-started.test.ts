import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onceStarted } from '../../../src/cli/services/once-started.ts'
import { UserError } from '../../../src/shared/errors.ts'

const notRunning = () => new UserError('nobody listens', { code: 'engine.not-running', exitCode: 4 })

/** Asks an engine that refuses the connection so many times. */
const refusing = (times: number, error: () => Error = notRunning) => {
  let asked = 0
  return {
    ask: async () => {
      asked += 1
      if (asked <= times) throw error()
      return 'done'
    },
    asked: () => asked,
  }
}

test('an engine that lives and does not listen yet is waited for', async () => {
  const { ask, asked } = refusing(3)
  assert.equal(await onceStarted(ask, { engine: () => 4711, patienceMs: 60_000 }), 'done')
  assert.equal(asked(), 4)
})

test('without an engine it is told at once', async () => {
  const { ask, asked } = refusing(3)
  await assert.rejects(onceStarted(ask, { engine: () => undefined, patienceMs: 60_000 }), {
    code: 'engine.not-running',
  })
  assert.equal(asked(), 1)
})

test('one that does not listen in time is named, with exit code 4', async () => {
  const { ask } = refusing(Number.POSITIVE_INFINITY)
  await assert.rejects(onceStarted(ask, { engine: () => 4711, patienceMs: 0 }), {
    code: 'engine.starting',
    exitCode: 4,
    message: /pid 4711.*nobody listens/,
  })
})

test('what else goes wrong is not asked again', async () => {
  const { ask, asked } = refusing(1, () => new UserError('no', { code: 'engine.no-access', exitCode: 2 }))
  await assert.rejects(onceStarted(ask, { engine: () => 4711, patienceMs: 60_000 }), { code: 'engine.no-access' })
  assert.equal(asked(), 1)
})
