import { earliest, type Micros, plus } from '../../shared/units.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { limitsUntil } from './hold-limit.ts'
import { fenceDeadline } from './peer-absent.ts'
import { followClaim } from './peer-claim.ts'
import { followDied } from './peer-died.ts'
import { giveLeave, grantDeadline } from './peer-grant.ts'
import { followHold } from './peer-hold.ts'
import { followMove } from './peer-move.ts'
import { noteDeadline, notePeers } from './peer-note.ts'
import { logCutOff, logStays } from './peer-text.ts'
import { alive, type View, viewOf, waitFor } from './peer-view.ts'
import { forget, type Said, say } from './said.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

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
  const { isolated } = noted.runtime.peer
  const cutOff = runtime.peer.isolated === isolated ? [] : [logCutOff(instance, isolated)]
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
  if (moved.feeds.length > 0) return finish(view, instance, { ...moved, blocked: true })
  const held = followHold(instance, moved.runtime, view, state)
  if (held.feeds.length > 0) {
    return finish(view, instance, { ...held, actions: [...moved.actions, ...held.actions], blocked: true })
  }
  const died = followDied(instance, giveLeave(instance, held.runtime, view), view, event)
  const before = [...moved.actions, ...held.actions, ...died.actions]
  const isSure = died.runtime.peer.died?.confirmed === true
  const seen = (isSure ? viewOf(plan, instance, died.runtime, state, event.now) : undefined) ?? view
  const claimed = followClaim(instance, died.runtime, seen, state)
  return finish(seen, instance, { ...claimed, actions: [...before, ...claimed.actions] })
}

function finish(view: View, instance: InstancePlan, step: PeerStep): PeerStep {
  const { runtime } = step
  const blocked = step.blocked && runtime.router.phase.kind === 'backup'
  const leaseWanted = wantsLease(view, runtime)
  const asks = leaseWanted !== runtime.peer.leaseWanted
  const limited = limitOf(view, runtime)
  const extend: EngineAction[] = limited.lifted ? [{ kind: 'extend', instance: instance.name }] : []
  const wakeAt = earliest(limited.until, deadline(view, instance, runtime))
  const lease: EngineAction[] = asks ? [{ kind: 'lease', instance: instance.name, wanted: leaseWanted }] : []
  return {
    ...step,
    actions: [...step.actions, ...lease, ...extend],
    blocked,
    runtime: { ...runtime, peer: { ...runtime.peer, blocked, wakeAt, leaseWanted, limitedUntil: limited.until } },
  }
}

/** A node that falls silent limits the gate no more: it is told so then, since the next advert may come too late. */
function limitOf({ others, now }: View, { peer }: InstanceRuntime) {
  const ends = others.map(({ facts }) => limitsUntil(facts)).filter((at) => at > now)
  const until = peer.holding ? ends.toSorted((a, b) => a - b)[0] : undefined
  return { until, lifted: peer.holding && peer.limitedUntil !== undefined && peer.limitedUntil <= now }
}

/** A holder keeps the lease for the time when another node is absent; a claimant needs it only then. */
const wantsLease = (view: View, { peer, router }: InstanceRuntime): boolean =>
  view.channel.arbiter &&
  (peer.holding ||
    router.phase.kind === 'master' ||
    (peer.claim !== undefined && alive(view).length < view.others.length))

/** When something changes here without an event. */
function deadline(view: View, instance: InstancePlan, runtime: InstanceRuntime): Micros | undefined {
  const { peer } = runtime
  let at = earliest(peer.move?.until, grantDeadline(runtime))
  at = earliest(at, peer.died?.until)
  at = earliest(at, earliest(fenceDeadline(runtime, view.now), noteDeadline(runtime, view)))
  if (view.listensUntil !== undefined && view.listensUntil > view.now) at = earliest(at, view.listensUntil)
  // A node that is alive now counts as silent from then on.
  for (const { facts } of view.others) {
    const silentAt =
      facts.heardAt === undefined ? undefined : plus(facts.heardAt, waitFor(instance, runtime, facts, view.now))
    if (silentAt !== undefined && silentAt > view.now) at = earliest(at, silentAt)
  }
  return at
}
