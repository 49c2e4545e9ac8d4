import { earliest, type Micros } from '../../shared/units.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { followDoubts } from './adverts.ts'
import { carryOut } from './carry-out.ts'
import { decide, heldUntil } from './decide.ts'
import { limitsUntil } from './hold-limit.ts'
import { lookAgainAt } from './look-again.ts'
import { followDied } from './peer-died.ts'
import { giveLeave } from './peer-grant.ts'
import { followMove } from './peer-move.ts'
import { notePeers } from './peer-note.ts'
import { logCutOff, logStays } from './peer-text.ts'
import { alive, isListening, type View, viewOf } from './peer-view.ts'
import { followRefusal } from './refusal.ts'
import { forget, type Said, say } from './said.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'
import type { Verdict } from './verdict.ts'

/** What the channel means for one instance, piece by piece. PURE. Without a channel nothing happens here. */

export type PeerStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  /** For the router, in order. */
  readonly feeds: readonly RouterEvent[]
  /** The router must not have its timer: it may claim only by a feed. */
  readonly blocked: boolean
}

/** Before the router follows what it depends on. */
export function observePeers(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const view = viewOf(plan, instance, runtime, state, event.now)
  if (view === undefined) return { runtime, actions: [] }
  const noted = notePeers(instance, runtime, view, state, event)
  const { isolated, deaf } = noted.runtime.peer
  // Who is deaf is cut off still, and says so by its state.
  const isOver = isolated === undefined && deaf === undefined
  const wasOver = runtime.peer.isolated === undefined && runtime.peer.deaf === undefined
  const isNews = isolated === undefined ? isOver && !wasOver : runtime.peer.isolated !== isolated
  const cutOff = isNews ? [logCutOff(instance, isolated)] : []
  const stays = sayStays(instance, noted.runtime, view)
  return { runtime: stays.runtime, actions: [...noted.actions, ...cutOff, ...stays.actions] }
}

const STAYS = 'stays'

/** Its service failed, and it holds on: said once each time. */
function sayStays(instance: InstancePlan, runtime: InstanceRuntime, { part, now }: View) {
  const { peer, router, said } = runtime
  const before = said.get(STAYS)
  const withSaid = (next: Said): InstanceRuntime => ({ ...runtime, said: new Map(said).set(STAYS, next) })
  if (part.serving || !peer.nobodyReadier || router.phase.kind !== 'master') {
    const isOver = before !== undefined && before.recent.length > 0
    return { runtime: isOver ? withSaid(forget(before)) : runtime, actions: [] }
  }
  const saying = say(before, STAYS, now)
  if (saying.said === before) return { runtime, actions: [] }
  return { runtime: withSaid(saying.said), actions: saying.line === undefined ? [] : [logStays(instance)] }
}

/** After that, before its timer. */
export function followPeers(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
): PeerStep {
  const view = viewOf(plan, instance, runtime, state, event.now)
  if (view === undefined) return { runtime, actions: [], feeds: [], blocked: false }
  const moved = followMove(instance, runtime, view, event)
  if (moved.feeds.length > 0) return finish(view, instance, state, { ...moved, blocked: true })
  const doubted = followDoubts(instance, moved.runtime, view, event)
  const noted = followRefusal(noteMastership(noteAble(doubted.runtime, view), view.now), view)
  const died = followDied(instance, giveLeave(instance, noted, view), view, event)
  const isSure = died.runtime.peer.died?.confirmed === true
  const seen = (isSure ? viewOf(plan, instance, died.runtime, state, event.now) : undefined) ?? view
  const verdict = decide(instance, died.runtime, seen, state)
  const done = carryOut(instance, withVerdict(died.runtime, verdict), seen, verdict)
  return finish(seen, instance, state, {
    ...done,
    actions: [...moved.actions, ...doubted.actions, ...died.actions, ...done.actions],
  })
}

const withVerdict = (runtime: InstanceRuntime, verdict: Verdict): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, verdict },
})

/** Since when this node could serve: what follows from it needs that all have heard of it. */
function noteAble(runtime: InstanceRuntime, { rank, listensUntil, now }: View): InstanceRuntime {
  const { ableSince } = runtime.peer
  const isAble = rank.readiness !== 'unable' && !isListening(listensUntil, now)
  if (isAble === (ableSince !== undefined)) return runtime
  return { ...runtime, peer: { ...runtime.peer, ableSince: isAble ? now : undefined } }
}

/** A master holds the addresses from its claim on. */
export function noteMastership(runtime: InstanceRuntime, now: Micros): InstanceRuntime {
  const { router, peer } = runtime
  if (router.phase.kind !== 'master')
    return peer.rival === undefined ? runtime : { ...runtime, peer: { ...peer, rival: undefined } }
  if (peer.holding) return runtime
  return { ...runtime, peer: { ...peer, holding: true, heldSince: now } }
}

function finish(view: View, instance: InstancePlan, state: EngineState, step: PeerStep): PeerStep {
  const { runtime } = step
  const blocked = step.blocked && runtime.router.phase.kind === 'backup'
  const leaseWanted = wantsLease(view, runtime)
  const asks = leaseWanted !== runtime.peer.leaseWanted
  const limitedUntil = nextLimit(view, runtime)
  const wakeAt = earliest(limitedUntil, lookAgainAt(view, instance, runtime, state))
  const lease: EngineAction[] = asks ? [{ kind: 'lease', instance: instance.name, wanted: leaseWanted }] : []
  return {
    ...step,
    actions: [...step.actions, ...lease],
    blocked,
    runtime: {
      ...runtime,
      peer: {
        ...{ ...runtime.peer, blocked, wakeAt, leaseWanted, limitedUntil },
        heldUntil: heldUntil(instance, runtime, view),
      },
    },
  }
}

/** A node that falls silent limits the gate no more: the policy looks then, since the next advert may come too late. */
function nextLimit({ others, now }: View, { peer }: InstanceRuntime): Micros | undefined {
  const ends = others.map(({ facts }) => limitsUntil(facts)).filter((at) => at > now)
  return peer.holding ? ends.toSorted((a, b) => a - b)[0] : undefined
}

/** A holder keeps the lease for the time when another node is absent; a claimant needs it only then, or in place of one that does not serve. */
const wantsLease = (view: View, { peer, router }: InstanceRuntime): boolean =>
  view.channel.arbiter &&
  (peer.holding ||
    router.phase.kind === 'master' ||
    (peer.claim !== undefined && (peer.claim.cause.kind === 'forsaken' || alive(view).length < view.others.length)))
