import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { InstanceConfig } from '../../src/config/types.ts'
import { createGateKeeper } from '../../src/engine/gate-keeper.ts'
import type { GateOwner, GateReadiness } from '../../src/engine/ports.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { err, ok, type Result } from '../../src/shared/result.ts'
import { fromMillis, micros } from '../../src/shared/units.ts'
import { instance, planFor } from './core/support.ts'

function keep() {
  const calls: (readonly GateOwner[] | 'remove' | 'retire')[] = []
  const log: LogRecord[] = []
  let answer: Result<GateReadiness, string> = ok({ kind: 'ready' })
  let changed = (_: string): void => undefined
  const keeper = createGateKeeper({
    gate: {
      prepare: (owners) => {
        calls.push(owners)
        return Promise.resolve(answer)
      },
      remove: () => {
        calls.push('remove')
        return Promise.resolve(ok(undefined))
      },
      retire: () => {
        calls.push('retire')
        return Promise.resolve(ok(undefined))
      },
      open: () => assert.fail(),
      close: () => assert.fail(),
      admit: () => assert.fail(),
      handOn: () => assert.fail(),
      onForeignChange: (listener) => {
        changed = listener
      },
    },
    log: (record) => log.push(record),
    now: () => micros(Math.round(performance.now() * 1_000)),
    onReady: () => undefined,
    onBug: (thrown) => assert.fail(String(thrown)),
  })
  return {
    keeper,
    calls,
    log,
    answer: (next: Result<GateReadiness, string>) => {
      answer = next
    },
    change: async (times = 1) => {
      for (let each = 0; each < times; each += 1) changed('"nft" deleted table inet haup')
      await turn()
    },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Of the node web1. */
const SOURCE = '192.0.2.11'

const plans = (...instances: Partial<InstanceConfig>[]) => planFor('web1', instances.map(instance)).instances
const address = (last: number) => ({
  address: { address: `192.0.2.${last}` as Ipv4, length: 24 },
  interface: undefined,
  label: undefined,
})

test('it fences what the plan says, and leaves alone what is off or too fast', async () => {
  const { keeper, calls } = keep()
  const all = plans(
    {},
    { name: 'off', vrid: 2, gate: false, virtualAddresses: [address(2)] },
    { name: 'fast', vrid: 3, advertInterval: fromMillis(90), virtualAddresses: [address(3)] },
  )
  await keeper.fence(all)
  await keeper.fence(all)
  assert.deepEqual(calls, [[{ owner: 'www', addresses: ['192.0.2.100'], asking: SOURCE }]], 'once')
  assert.deepEqual(
    all.map((each) => keeper.lease(each) !== undefined),
    [true, false, false],
  )
  assert.deepEqual(
    keeper.warnings(all).map(({ code }) => code),
    ['gate.off'],
  )
})

test('nothing to fence: what an earlier engine left goes', async () => {
  const { keeper, calls } = keep()
  await keeper.fence(plans({ gate: false }))
  assert.deepEqual(calls, ['remove'])
})

test('an address is fenced once, also when two names have it for a moment', async () => {
  const { keeper, calls } = keep()
  await keeper.fence([
    ...plans({ name: 'new', virtualAddresses: [address(1), address(2)] }),
    ...plans({ name: 'old', virtualAddresses: [address(2), address(3)] }),
  ])
  assert.deepEqual(calls, [
    [
      { owner: 'new', addresses: ['192.0.2.1', '192.0.2.2'], asking: SOURCE },
      { owner: 'old', addresses: ['192.0.2.3'], asking: SOURCE },
    ],
  ])
})

test('a kernel that cannot and a gate that fails are said, and the addresses are held without', async () => {
  for (const [answer, code] of [
    [ok({ kind: 'unsupported', reason: 'ENOTSUP' } as const), 'gate.unsupported'],
    [err('table inet haup exists'), 'gate.failed'],
  ] as const) {
    const { keeper, log, answer: next } = keep()
    next(answer)
    await keeper.fence(plans({}))
    const [plan] = plans({})
    assert.ok(plan)
    assert.equal(keeper.lease(plan), undefined)
    assert.deepEqual([keeper.warnings([plan]).map((each) => each.code), log.map((each) => each.code)], [[code], [code]])
  }
})

test('a change by somebody else is said and put back; one that cannot be is said too', async () => {
  const { keeper, calls, log, answer, change } = keep()
  await keeper.fence(plans({}))
  await change()
  assert.equal(calls.length, 2)
  assert.deepEqual(
    log.map(({ code }) => code),
    ['gate.changed', 'gate.restored'],
  )
  answer(err('no'))
  await change()
  while (log.length < 4) await delay(10)
  assert.deepEqual(
    log.slice(2).map(({ code }) => code),
    ['gate.changed', 'gate.failed'],
  )
  answer(ok({ kind: 'ready' }))
  await change()
  assert.deepEqual(keeper.warnings([]), [])
})

test('a gate that could not be made is tried on, and said when it is made', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { keeper, calls, log, answer } = keep()
  answer(err('no'))
  await keeper.fence(plans({}))
  for (const wait of [1_000, 2_000, 4_000]) {
    t.mock.timers.tick(wait)
    await turn()
  }
  assert.equal(calls.length, 4)
  answer(ok({ kind: 'ready' }))
  t.mock.timers.tick(8_000)
  await turn()
  t.mock.timers.tick(100_000)
  await turn()
  assert.equal(calls.length, 5)
  assert.deepEqual(
    log.map(({ code }) => code),
    ['gate.failed', 'gate.ready'],
  )
  assert.deepEqual(keeper.warnings([]), [])
})

test('changes that come while it is put back are answered by one more time', async () => {
  const { keeper, calls, change } = keep()
  await keeper.fence(plans({}))
  await change(50)
  assert.equal(calls.length, 2)
})

test('somebody who changes it again and again does not fill the log: what is left out is counted', async () => {
  const { keeper, calls, log, change } = keep()
  await keeper.fence(plans({}))
  for (let each = 0; each < 150; each += 1) await change()
  assert.equal(calls.length, 151, 'it is put back each time')
  assert.equal(log.length, 10)
  await keeper.remove(false)
  assert.deepEqual(
    log.slice(10).map(({ code, message }) => [code, message]),
    [
      ['gate.changed', 'somebody changed the gate, 145 times: the last time "nft" deleted table inet haup'],
      ['gate.restored', 'the gate is as it was'],
    ],
  )
})

test('after the end it puts nothing back', async () => {
  const { keeper, calls, change } = keep()
  await keeper.fence(plans({}))
  await keeper.remove(false)
  await change()
  assert.deepEqual(calls.slice(1), ['retire'])
})
