import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followGate } from '../../../src/engine/core/gate-follow.ts'
import { closedGate, type GateState } from '../../../src/engine/core/gate-policy.ts'
import type { EngineAction, EngineEvent } from '../../../src/engine/core/types.ts'
import { fromSeconds, minus, plus, toMillis } from '../../../src/shared/units.ts'
import { orderOf, reportOf } from '../peer/support.ts'
import { backup, MASTER, ms, NOW, type Sight, see } from './views.ts'

/** Which events, and which decisions, mean what for the gate. */

const LEASE = 2_950 // About three adverts of a second, less a margin; the exact figure is gate-deadline's.
const OPEN: GateState = { ...closedGate, wanted: true, sent: { at: ms(-100), lease: fromSeconds(3) } }
type Body = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, 'now'> : never) : never

function after(
  event: Body,
  sight: Sight & { readonly gate?: GateState; readonly decided?: readonly EngineAction[] } = {},
) {
  const { gate = OPEN, decided = [], ...rest } = sight
  const { plan, instance, runtime, state } = see({ phase: MASTER, web1: 'unheard', web3: 'unheard', ...rest })
  const before = { ...runtime, gate }
  const step = followGate(plan, instance, before, state, { ...event, now: NOW } as EngineEvent, decided)
  const done = step.actions.map((action) => {
    if (action.kind === 'gate')
      return action.until === undefined ? `close ${action.instance}` : `open ${action.instance}`
    return action.kind === 'log' ? `${action.record.subject} ${action.record.code}` : action.kind
  })
  return { done, gate: step.runtime.gate, peer: step.runtime.peer, unchanged: step.runtime === before }
}
const sent = (instance = 'www'): Body => ({ kind: 'advert-sent', instance, id: 3, at: ms(-1) })
const router = (kind: 'unbind' | 'bind', instance = 'www'): EngineAction => ({
  kind: 'router',
  instance,
  action: { kind },
})

test('an advert of this instance opens while this node is active', () => {
  const { done, gate, peer } = after(sent())
  assert.deepEqual([done, gate.sent?.at, peer.adverts], [['open www'], ms(-1), [{ id: 3, at: ms(-1) }]])
  assert.ok(toMillis(gate.sent?.lease ?? assert.fail()) >= LEASE)
  assert.equal(after(sent('other')).unchanged, true)
  const standing = after(sent(), { phase: backup() })
  assert.deepEqual(
    [standing.done, standing.gate, standing.peer.adverts.length],
    [[], OPEN, 1],
    'a farewell opens nothing',
  )
})

test('bound addresses open while this node is active', () => {
  assert.deepEqual(after({ kind: 'bound', instance: 'www' }, { gate: { ...OPEN, wanted: false } }).done, ['open www'])
  assert.equal(after({ kind: 'bound', instance: 'other' }).unchanged, true)
  assert.equal(after({ kind: 'bound', instance: 'www' }, { phase: backup() }).unchanged, true)
})

test('what the kernel did is noted', () => {
  const until = ms(2_000)
  const gate: GateState = { ...OPEN, asked: { until, limit: undefined, late: true } }
  const opened = after({ kind: 'gate-opened', instance: 'www', until }, { gate })
  assert.deepEqual([opened.done, opened.gate.open?.until], [['router'], until])
  assert.equal(after({ kind: 'gate-opened', instance: 'other', until }, { gate }).unchanged, true)
  const failed = after({ kind: 'gate-failed', instance: 'www', message: 'EPERM' }, { gate })
  assert.deepEqual([failed.done, failed.gate.failing], [['www gate.open'], 'EPERM'])
  assert.equal(after({ kind: 'gate-failed', instance: 'other', message: 'EPERM' }, { gate }).unchanged, true)
})

test('a fence that stands again opens what is bound', () => {
  assert.deepEqual(after({ kind: 'fence', ready: true }).done, ['open www'])
  assert.equal(after({ kind: 'fence', ready: false }).unchanged, true)
  assert.equal(after({ kind: 'fence', ready: true }, { gate: { ...OPEN, wanted: false } }).unchanged, true)
})

test('what others say, a lease, and time move the limit', () => {
  const facts = see({}).state.peers.get('web1')
  assert.ok(facts?.provenAt !== undefined)
  const { provenAt } = facts
  const report = reportOf(facts)
  const events: Body[] = [
    { kind: 'timer' },
    { kind: 'lease', instance: 'www', until: ms(100) },
    { kind: 'peer-heard', node: 'web1', path: 'lan', report, provenAt, order: orderOf(2) },
  ]
  for (const event of events) {
    assert.deepEqual(after(event).done, ['open www'], event.kind)
    assert.equal(after(event, { phase: backup() }).unchanged, true, event.kind)
  }
  assert.equal(after({ kind: 'start' }).unchanged, true)
})

test('the limit is what the others allow now', () => {
  const votes = (at: number): Sight => ({
    web1: {},
    web3: {},
    peer: {
      votes: new Map([
        ['web1', ms(at)],
        ['web3', ms(at)],
      ]),
    },
  })
  const wide = after({ kind: 'timer' }, votes(-100))
  assert.equal(wide.gate.asked?.until, plus(ms(-100), minus(ms(3_049), NOW)))
  assert.deepEqual(after({ kind: 'timer' }, votes(-3_049)).done, ['www gate.limited'])
  const shape = { config: { quorum: 'majority' as const } }
  assert.deepEqual(after({ kind: 'timer' }, { shape }).done, ['www gate.limited'], 'nobody votes')
  const unknown = { instances: new Map() }
  assert.deepEqual(
    after({ kind: 'timer' }, { shape, state: unknown }).done,
    ['www gate.limited'],
    'as this event leaves it',
  )
})

test('the limit is what the arbiter allows, where there is one', () => {
  const witness = {
    kind: 'arbiter',
    name: 'store',
    ttl: fromSeconds(5),
    timeout: fromSeconds(1),
    store: { kind: 'http', url: 'http://store/' },
  }
  const leased: Sight = {
    shape: { config: { witnesses: [witness as never] } },
    state: { leases: new Map([['www', ms(60_000)]]) },
  }
  assert.deepEqual(after({ kind: 'timer' }, leased).done, ['open www'])
})

test('not fenced: nothing is asked', () => {
  assert.deepEqual(after({ kind: 'timer' }, { state: { fenced: false } }).done, [])
  assert.deepEqual(after({ kind: 'timer' }, { plan: { gate: { kind: 'off' } } }).done, [])
})

test('going down, handing over and a new mastership begin with a closed gate', () => {
  const release: readonly EngineAction[] = [
    router('unbind'),
    {
      kind: 'router',
      instance: 'www',
      action: { kind: 'state-change', from: 'backup', to: 'master', cause: { kind: 'taken', reason: 'test' } },
    },
    { kind: 'hand-on', instance: 'www', to: 'web1', id: 1 },
  ]
  const gate: GateState = { ...OPEN, open: { until: ms(2_000), limit: undefined } }
  for (const action of release) {
    const { gate: closed } = after({ kind: 'start' }, { gate, decided: [router('bind'), action] })
    assert.deepEqual([closed.wanted, closed.open], [false, undefined], action.kind)
  }
  const others: readonly EngineAction[] = [
    router('bind'),
    router('unbind', 'other'),
    { kind: 'hand-on', instance: 'other', to: 'web1', id: 1 },
    { kind: 'check-reach', instance: 'www' },
    { kind: 'say', nodes: [], report: {} as never },
  ]
  assert.equal(after({ kind: 'start' }, { gate, decided: others }).unchanged, true)
})

test('an advert of the same event counts for what begins then', () => {
  const { done, gate } = after(sent(), { decided: [router('unbind')] })
  assert.deepEqual([done, gate.wanted, gate.sent?.at], [[], false, ms(-1)])
})
