import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { overlapAfter, overlapRounds, suspectAfter } from '../../src/probes/overlap.ts'
import type { ProbeResult } from '../../src/probes/types.ts'
import type { Micros } from '../../src/shared/units.ts'
import { ms, passed, refused, seconds, service } from './support/service.ts'

const late: readonly ProbeResult[] = [{ probe: 'http', ok: false, detail: 'no answer within 1s', took: seconds(1) }]

test('how late a round must be depends on `fall` and on the interval', () => {
  const of = (fall: number, interval: number) => overlapAfter(service({ fall, interval: ms(interval) }))
  assert.equal(of(2, 1_000), 250_000, 'a quarter of the timeout at least')
  assert.equal(of(3, 1_000), ms(500))
  assert.equal(of(2, 100), ms(900))
  assert.equal(of(1, 1_000), undefined, 'no next round is needed')
})

test('a server that usually takes long is given more time, and scripts are never doubled', () => {
  assert.equal(overlapAfter(service({ fall: 2 }), ms(200)), ms(600))
  assert.equal(overlapAfter(service({ fall: 2 }), ms(400)), undefined)
  const probes = [{ kind: 'command', argv: ['check'], user: undefined }] as const
  assert.equal(overlapAfter(service({ fall: 2, probes })), undefined)
})

test('a server is suspected early only where all that is known of it came ten times sooner', () => {
  const config = service({ hungAfter: ms(300) })
  assert.equal(suspectAfter(config, []), undefined, 'nothing is known of it yet')
  assert.equal(suspectAfter(config, [ms(1), ms(30), ms(2)]), ms(300))
  assert.equal(suspectAfter(config, [ms(1), ms(31), ms(2)]), undefined, 'loaded now and then')
  assert.equal(suspectAfter(service({}), [ms(1)]), undefined, 'the timeout is soon enough')
})

test('what it has shown in the last 60 good rounds counts, and the next round begins as much sooner', async (t) => {
  const { rounds, begun, finish, limits } = prepare(t, 2)
  const config = service({ fall: 2, hungAfter: ms(300) })
  const round = async (took: number): Promise<void> => {
    const next = rounds.next(config)
    finish(begun() - 1, [{ probe: 'http', ok: true, detail: '200', took: ms(took) }])
    await next
  }
  await round(200)
  for (let count = 0; count < 59; count += 1) await round(1)
  void rounds.next(config)
  assert.equal(limits.at(-1), undefined)
  finish(begun() - 1, passed)
  await Promise.resolve()
  await round(1)
  await round(1)
  const count = begun()
  void rounds.next(config)
  assert.equal(limits.at(-1), ms(300))
  mock.timers.tick(75)
  assert.equal(begun(), count + 2, 'beside it')
})

test('one that has not accepted hangs, however soon that is told', async (t) => {
  const { rounds, config, begun, finish } = prepare(t, 2)
  const first = rounds.next(config)
  mock.timers.tick(300)
  finish(0, [{ probe: 'http', ok: false, detail: 'not accepted', took: ms(300), hung: true }])
  await first
  void rounds.next(config)
  assert.equal(begun(), 2, 'the one beside it is handed out')
})

test('while there is no answer the next rounds begin, and are handed out in their order', async (t) => {
  const { rounds, config, begun, finish } = prepare(t, 3)
  const first = rounds.next(config)
  mock.timers.tick(499)
  assert.equal(begun(), 1)
  mock.timers.tick(1)
  assert.equal(begun(), 2)
  mock.timers.tick(500)
  assert.equal(begun(), 3)
  mock.timers.tick(5_000)
  assert.equal(begun(), 3, 'as many as `fall`')
  finish(0, late)
  assert.equal(await first, late)
  const [second, third] = [rounds.next(config), rounds.next(config)]
  assert.equal(begun(), 3, 'none was begun anew')
  finish(2, refused)
  finish(1, late)
  assert.equal(await second, late)
  assert.equal(await third, refused)
})

test('an answer in time begins no other round', async (t) => {
  const { rounds, config, begun, finish } = prepare(t, 2)
  const first = rounds.next(config)
  finish(0, passed)
  await first
  mock.timers.tick(5_000)
  assert.equal(begun(), 1)
})

test('after an answer, good or bad, the next round is a new one', async (t) => {
  for (const results of [passed, refused]) {
    const { rounds, config, begun, finish } = prepare(t, 2)
    const first = rounds.next(config)
    mock.timers.tick(400)
    assert.equal(begun(), 2)
    finish(0, results)
    await first
    void rounds.next(config)
    assert.equal(begun(), 3)
    mock.timers.reset()
  }
})

test('after a restart what was begun before is not handed out', async (t) => {
  const { rounds, config, begun, finish } = prepare(t, 2)
  const first = rounds.next(config)
  mock.timers.tick(400)
  finish(0, late)
  await first
  rounds.forget(config.name)
  void rounds.next(config)
  assert.equal(begun(), 3)
})

function prepare(t: { after: (hook: () => void) => void }, fall: number) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const begun: ((results: readonly ProbeResult[]) => void)[] = []
  const limits: (Micros | undefined)[] = []
  const rounds = overlapRounds((_, hungAfter) => {
    limits.push(hungAfter)
    return new Promise((resolve) => void begun.push(resolve))
  })
  return {
    rounds,
    limits,
    config: service({ fall }),
    begun: () => begun.length,
    finish: (index: number, results: readonly ProbeResult[]) => begun[index]?.(results),
  }
}
