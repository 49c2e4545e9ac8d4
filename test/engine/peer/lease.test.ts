import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type LeaseEvent,
  type LeaseState,
  leaseDeadline,
  leaseLimit,
  leaseStep,
  newLeaseState,
  ownTerm,
} from '../../../src/engine/peer/lease.ts'
import { describeLease } from '../../../src/engine/peer/lease-text.ts'
import type { ArbiterFailure } from '../../../src/engine/peer/witness.ts'
import { err, ok } from '../../../src/shared/result.ts'
import { fromMillis, type Micros, plus } from '../../../src/shared/units.ts'

const config = { holder: 'ant', ttl: fromMillis(9_000) }
const at = (ms: number): Micros => fromMillis(1_000_000 + ms)

type Unstamped<T> = T extends unknown ? Omit<T, 'now'> : never

/** Steps at these milliseconds; what was asked for and said. */
function run(events: readonly (readonly [ms: number, event: Unstamped<LeaseEvent>])[], from?: LeaseState) {
  let state = from ?? newLeaseState(at(0))
  const did: string[] = []
  for (const [ms, event] of events) {
    const step = leaseStep(config, state, { ...event, now: at(ms) } as LeaseEvent)
    state = step.state
    for (const action of step.actions) did.push(`${ms} ${action.kind === 'call' ? action.call : action.code}`)
  }
  return { state, did }
}

const want = (wanted: boolean) => ({ kind: 'want', wanted }) as const
const timer = { kind: 'timer' } as const
const granted = (begun: number) => ({
  kind: 'granted' as const,
  grant: ok({ expiresAt: plus(at(begun), ownTerm(config.ttl)) }),
})
const failed = (failure: ArbiterFailure) => ({ kind: 'granted' as const, grant: err(failure) })
const away = failed({ kind: 'unreachable', detail: 'no answer in time' })
const released = { kind: 'released', answer: ok(undefined) } as const
const free = { kind: 'seen' as const, view: ok({ kind: 'free' as const }) }

test('it is taken when wanted, renewed after a third of its time, and given back', () => {
  const { state, did } = run([
    [0, timer],
    [5, free],
    [10, want(true)],
    [30, granted(10)],
    [3_009, timer],
    [3_010, timer],
    [3_030, granted(3_010)],
    [4_000, want(false)],
    [4_020, released],
  ])
  assert.deepEqual(did, ['0 look', '10 acquire', '30 lease.held', '3010 renew', '4000 release'])
  assert.equal(leaseLimit(state), undefined)
})

test('the limit is the grant’s, and only moves on with renewals that succeed', () => {
  const held = run([
    [0, want(true)],
    [20, granted(0)],
  ]).state
  assert.equal(leaseLimit(held), at(8_890), '9 s less 1 % and 20 ms')
  assert.equal(leaseDeadline(held), at(3_000))
  const { state, did } = run(
    [
      [3_000, timer],
      [4_000, away],
      [4_449, timer],
      [4_450, timer],
      [5_450, away],
    ],
    held,
  )
  assert.deepEqual(did, ['3000 renew', '4000 lease.unreachable', '4450 renew'])
  assert.equal(leaseLimit(state), at(8_890))
  const lost = run([[8_890, timer]], state)
  assert.equal(leaseLimit(lost.state), undefined)
  assert.deepEqual(lost.did, ['8890 lease.lost', '8890 acquire'])
  assert.match(describeLease(lost.state, at(9_000)), /^the lease is lost since 110ms: .*no answer in time$/)
  const again = run([[9_100, granted(9_000)]], lost.state)
  assert.deepEqual(again.did, ['9100 lease.held'])
})

test('while a call is under way the limit still ends in time', () => {
  const held = run([
    [0, want(true)],
    [20, granted(0)],
    [3_000, timer],
  ]).state
  assert.equal(leaseDeadline(held), at(8_890))
  assert.equal(leaseLimit(run([[8_890, timer]], held).state), undefined)
})

for (const failure of [{ kind: 'held', by: 'bee', forMs: 0 }, { kind: 'gone' }] as const) {
  test(`${failure.kind}: lost at once`, () => {
    const { state, did } = run([
      [0, want(true)],
      [20, granted(0)],
      [3_000, timer],
      [3_020, failed(failure)],
    ])
    assert.equal(leaseLimit(state), undefined)
    assert.deepEqual(did.slice(3, 4), ['3020 lease.lost'])
  })
}

test('an answer that comes when its time is over gives nothing', () => {
  const { state } = run([
    [0, want(true)],
    [8_890, granted(0)],
  ])
  assert.equal(leaseLimit(state), undefined)
})

test('what comes when it is not wanted any more is given back, and given back again until that is certain', () => {
  const { state, did } = run([
    [0, want(true)],
    [5, want(false)],
    [20, granted(0)],
    [30, { kind: 'released', answer: err({ kind: 'unreachable', detail: 'x' }) }],
    [480, timer],
    [500, released],
    [950, timer],
  ])
  assert.deepEqual(did, [
    '0 acquire',
    '20 release',
    '30 lease.unreachable',
    '480 release',
    '500 lease.reachable',
    '950 look',
  ])
  assert.equal(leaseLimit(state), undefined)
})

test('a refusal is said once, and asked again when the other’s time may be over', () => {
  const refused = failed({ kind: 'held', by: 'bee', forMs: 100 })
  const { did, state } = run([
    [0, want(true)],
    [10, refused],
    [110, timer],
    [120, refused],
  ])
  assert.deepEqual(did, ['0 acquire', '10 lease.refused', '110 acquire'])
  assert.match(describeLease(state, at(120)), /^bee has the lease/)
})

test('wanted during a look: it is asked for right after', () => {
  const { did } = run([
    [0, timer],
    [5, want(true)],
    [10, free],
  ])
  assert.deepEqual(did, ['0 look', '10 acquire'])
})
