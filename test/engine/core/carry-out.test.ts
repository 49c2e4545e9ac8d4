import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carryOut } from '../../../src/engine/core/carry-out.ts'
import type { ClaimReason, PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import type { Verdict } from '../../../src/engine/core/verdict.ts'
import type { RouterEvent } from '../../../src/engine/vrrp/types.ts'
import { ACTIVE, backup, MASTER, ms, NOW, type Sight, see } from './views.ts'

/** What each verdict leads to: what is noted, what is said and done, what the router is told, whether it has its timer. */

const wordOf = (action: EngineAction): string => {
  if (action.kind === 'log') return action.record.code
  if (action.kind === 'router') return action.action.kind
  return action.kind === 'fence' ? `fence ${action.node}` : action.kind
}
const fed = (event: RouterEvent): string => ('reason' in event ? `${event.kind}: ${event.reason}` : event.kind)
function carried(verdict: Verdict, sight: Sight = {}) {
  const { instance, runtime, view } = see(sight)
  const step = carryOut(instance, runtime, view, verdict)
  const { peer } = step.runtime
  return {
    done: [...step.actions.map(wordOf), ...step.feeds.map(fed), ...(step.blocked ? ['blocked'] : [])],
    peer,
    unchanged: step.runtime === runtime,
    again: (next: Verdict) => carried(next, { ...sight, peer }),
  }
}

const DUE: ClaimReason = { kind: 'due' }
const claim = (changes = {}) => ({ id: 7, since: ms(-600), cause: DUE, asks: true, ...changes })
const busy = (): Partial<PeerRuntime> => ({
  claim: claim(),
  deferringTo: { node: 'web1', unheard: false },
  checks: { fencing: new Map([['web3', { state: 'asked', at: NOW }]]), saidWaiting: 'test' },
})
const isIdle = ({ claim: made, deferringTo, checks }: PeerRuntime): boolean =>
  made === undefined && deferringTo === undefined && checks.fencing.size === 0 && checks.saidWaiting === undefined

test('no claim: the router has its timer, or not while something binds it; an old claim is over', () => {
  const free: Verdict[] = [{ kind: 'out' }, { kind: 'waiting', until: undefined }]
  const bound: Verdict[] = [
    { kind: 'grace', until: NOW },
    { kind: 'voted', for: 'web3', until: NOW },
    { kind: 'transferring', with: 'web3' },
  ]
  for (const verdict of [...free, ...bound]) {
    const blocked = bound.includes(verdict) ? ['blocked'] : []
    assert.deepEqual(carried(verdict).done, blocked)
    const after = carried(verdict, { peer: busy() })
    assert.deepEqual([after.done, isIdle(after.peer)], [['peer.adverts-back', ...blocked], true])
    assert.equal(carried(verdict).unchanged, true)
  }
})

test('each part of an old claim is forgotten, also alone', () => {
  for (const key of ['claim', 'deferringTo', 'checks'] as const) {
    const { peer } = carried({ kind: 'master' }, { phase: MASTER, peer: { [key]: busy()[key] } })
    assert.ok(isIdle(peer), key)
  }
  const fencing = new Map([['web3', { state: 'asked' as const, at: NOW }]])
  assert.ok(isIdle(carried({ kind: 'master' }, { peer: { checks: { fencing, saidWaiting: undefined } } }).peer))
  assert.ok(isIdle(carried({ kind: 'master' }, { peer: { checks: { fencing: new Map(), saidWaiting: 'test' } } }).peer))
})

test('active: announces when a second one has let go, whose hardware address clients may have', () => {
  const active = (sight: Sight) => carried({ kind: 'master' }, { phase: MASTER, ...sight })
  const rival = { rival: { node: 'web3', since: ms(-100) } }
  assert.deepEqual(active({}).done, [])
  const gone = active({ peer: rival })
  assert.deepEqual([gone.done, gone.peer.rival], [['announce'], undefined])
  const still = active({ peer: rival, web3: { says: ACTIVE } })
  assert.deepEqual([still.done, still.peer.rival], [[], undefined])
  assert.deepEqual(active({ peer: rival, web1: { says: ACTIVE } }).done, ['announce'])
})

test('two are active: said once, and with it why this one steps down', () => {
  const both = { phase: MASTER, web3: { says: ACTIVE } }
  const stays = carried({ kind: 'conflict', with: 'web3', why: undefined }, both)
  assert.deepEqual([stays.done, stays.peer.rival], [['peer.two-holders'], { node: 'web3', since: NOW }])
  const known = { ...both, peer: { rival: { node: 'web3', since: ms(-100) }, ...busy() } }
  const later = carried({ kind: 'conflict', with: 'web3', why: undefined }, known)
  assert.deepEqual([later.done, later.peer.rival, isIdle(later.peer)], [[], { node: 'web3', since: ms(-100) }, true])
  const yields = carried({ kind: 'conflict', with: 'web3', why: 'test' }, known)
  assert.deepEqual(yields.done, ['peer.two-holders', 'lapse: test'])
})

test('without a majority or a lease it steps down', () => {
  const { done, peer } = carried({ kind: 'lost-quorum', reason: 'test' }, { phase: MASTER, peer: busy() })
  assert.deepEqual([done, isIdle(peer)], [['lapse: test'], true])
})

test('an offer to a better one begins a move, and is remembered', () => {
  const { done, peer } = carried({ kind: 'offer', to: 'web1' }, { phase: MASTER, peer: busy() })
  assert.deepEqual(
    [done, peer.move?.with, peer.move?.step, peer.offeredAt, isIdle(peer)],
    [[], 'web1', 'offered', NOW, true],
  )
  assert.equal(carried({ kind: 'offer', to: 'web9' }, { phase: MASTER }).unchanged, true)
})

test('an active one is followed: this one claims nothing, and has no timer once that is due', () => {
  const follow: Verdict = { kind: 'follow', node: 'web1', asks: undefined }
  const early = carried(follow, { phase: backup({ masterDownAt: ms(1) }), peer: busy() })
  assert.deepEqual([early.done, isIdle(early.peer)], [['peer.adverts-back'], true])
  assert.deepEqual(carried(follow).done, ['blocked'])
  assert.deepEqual(carried(follow, { phase: MASTER }).done, [])
  assert.deepEqual(carried({ ...follow, node: 'web9', asks: DUE }).done, [])
})

test('whose adverts do not come is asked, and that is said once it was heard after they were due', () => {
  const beside: Verdict = { kind: 'follow', node: 'web1', asks: { kind: 'beside', node: 'web1' } }
  const heard = (at: number | undefined, sight: Sight = {}) =>
    carried(beside, { web1: { facts: { heardAt: at === undefined ? undefined : ms(at) } }, ...sight })
  const due = { phase: backup({ masterDownAt: ms(-50) }) }
  const quiet = heard(-50, due)
  assert.deepEqual(
    [quiet.done, quiet.peer.deferringTo, quiet.peer.claim],
    [['blocked'], undefined, { id: NOW, since: NOW, cause: beside.asks, asks: true }],
  )
  const missed = heard(-49, due)
  assert.deepEqual(
    [missed.done, missed.peer.deferringTo?.node, missed.peer.claim?.asks],
    [['peer.adverts-blocked', 'blocked'], 'web1', true],
  )
  assert.deepEqual(missed.again(beside).done, ['blocked'], 'once')
  assert.deepEqual(heard(-49, { ...due, peer: { deferringTo: { node: 'web3', unheard: false } } }).done, [
    'peer.adverts-blocked',
    'blocked',
  ])
  assert.deepEqual(heard(undefined, due).done, ['blocked'])
  assert.deepEqual(heard(-49, { ...due, state: { wokeAt: ms(-1_000) } }).done, ['blocked'], 'they may wait to be read')
  assert.deepEqual(heard(-49, { ...due, peer: { claim: claim({ asks: false }) } }).peer.claim, claim({ asks: true }))
  assert.deepEqual(heard(-49, { phase: MASTER }).done, ['blocked'])
  const released = (armedAt: number) =>
    heard(-49, { phase: backup({ armedBy: 'release', armedAt: ms(armedAt), masterDownAt: ms(-500) }) })
  assert.deepEqual(released(-1_000).done, ['blocked'], 'priority 0 shortens the wait, not the interval')
  assert.deepEqual(released(-4_000).done, ['peer.adverts-blocked', 'blocked'])
  const preempts: Verdict = { kind: 'follow', node: 'web1', asks: { kind: 'preempt', node: 'web1' } }
  assert.deepEqual(carried(preempts, { ...due, web1: { facts: { heardAt: ms(-49) } } }).done, ['blocked'])
})

const votes = (cause: ClaimReason = DUE): Verdict => ({
  kind: 'candidate',
  cause,
  missing: { kind: 'votes', of: ['web1'] },
})
const quorum: Verdict = { kind: 'candidate', cause: DUE, missing: { kind: 'quorum', text: 'no majority' } }
const fencing: Verdict = {
  kind: 'candidate',
  cause: DUE,
  missing: { kind: 'fencing', of: ['web1'], text: 'web1 is silent' },
}
const NEW = { id: NOW, since: NOW, cause: DUE, asks: true }

test('votes are asked for in a claim of one number, until its cause is another one', () => {
  const { done, peer } = carried(votes())
  assert.deepEqual([done, peer.claim], [['blocked'], NEW])
  assert.deepEqual(carried(votes(), { peer: { claim: claim() } }).peer.claim, claim())
  assert.deepEqual(
    carried(votes(), { peer: { claim: claim({ asks: false }) } }).peer.claim,
    NEW,
    'it has not asked yet',
  )
  const died: ClaimReason = { kind: 'died', node: 'web3' }
  assert.deepEqual(carried(votes(died), { peer: { claim: claim() } }).peer.claim, { ...NEW, cause: died })
  const other: ClaimReason = { kind: 'died', node: 'web1' }
  assert.deepEqual(
    carried(votes(other), { peer: { claim: claim({ cause: died }) } }).peer.claim,
    claim({ cause: other }),
  )
})

test('who lacks a majority says so once, and does not ask for votes', () => {
  const lacks = carried(quorum, { peer: { claim: claim() } })
  assert.deepEqual([lacks.done, lacks.peer.claim], [['peer.claim-waits', 'blocked'], claim({ asks: false })])
  assert.equal(lacks.peer.checks.saidWaiting, 'no majority')
  assert.deepEqual(lacks.again(quorum).done, ['blocked'])
  assert.deepEqual([lacks.again(votes()).peer.claim, lacks.again(votes()).done], [NEW, ['blocked']])
  assert.deepEqual(carried(quorum).peer.claim, { ...NEW, asks: false })
})

test('fencing is done once, by a claim that goes on asking', () => {
  const first = carried(fencing, { peer: { claim: claim() } })
  assert.deepEqual([first.done, first.peer.claim], [['fence web1', 'peer.claim-waits', 'blocked'], claim()])
  assert.deepEqual(
    [first.peer.checks.fencing.get('web1')?.state, first.peer.checks.saidWaiting],
    ['asked', 'web1 is silent'],
  )
  assert.deepEqual(first.again(fencing).done, ['blocked'])
  assert.deepEqual(carried(fencing).peer.claim?.asks, false, 'one that has not asked does not begin to')
})

test('a claim is made by the votes, or left to the timer', () => {
  const timer = carried({ kind: 'claim', cause: DUE, by: 'timer' }, { peer: busy() })
  assert.deepEqual([timer.done, timer.unchanged], [[], true])
  const by = (cause: ClaimReason) => carried({ kind: 'claim', cause, by: 'votes' })
  assert.deepEqual(by(DUE).done, ['take: nobody holds the addresses, and all nodes agree', 'blocked'])
  assert.deepEqual(by({ kind: 'released', text: 'test' }).done, ['take: test', 'blocked'])
  assert.deepEqual(by({ kind: 'died', node: 'web1' }).done, [
    'take: the engine of web1 died, and its gate is closed',
    'blocked',
  ])
  const forsaken = by({ kind: 'forsaken', node: 'web1' })
  assert.deepEqual(forsaken.done, ['take: web1 holds the addresses and does not serve: its gate is closed', 'blocked'])
  assert.deepEqual([forsaken.peer.tookFrom?.node, by(DUE).peer.tookFrom], ['web1', undefined])
  const before = { node: 'web3', until: ms(500) }
  assert.deepEqual(
    carried({ kind: 'claim', cause: DUE, by: 'votes' }, { peer: { tookFrom: before } }).peer.tookFrom,
    before,
  )
})
