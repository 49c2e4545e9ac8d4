import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { standingLimit } from './hold-limit.ts'
import { isFree, offer } from './peer-move.ts'
import { logDouble } from './peer-text.ts'
import { alive, type Other, type View, waitFor } from './peer-view.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/** What a master does about other nodes of which the channel tells. PURE. */

/** Whoever did not take an offer is not offered the addresses again before it could preempt by VRRP's own rule. */
const OFFER_AGAIN = fromSeconds(3)

export type HoldStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly feeds: readonly RouterEvent[]
}

export function followHold(instance: InstancePlan, runtime: InstanceRuntime, view: View, state: EngineState): HoldStep {
  const { router, peer } = runtime
  if (router.phase.kind !== 'master') {
    return { runtime: peer.rival === undefined ? runtime : withRival(runtime, undefined), actions: [], feeds: [] }
  }
  const held = noteMastership(runtime, view.now)
  if (!isFree(held)) return { runtime: held, actions: [], feeds: [] }
  return unbacked(instance, held, view, state) ?? beside(instance, held, view) ?? preempted(instance, held, view)
}

/**
 * The gate has closed for want of a majority, or of the lease: what a claim needs is needed to hold, too, and to open again.
 * Somebody else may hold now, whom this node does not hear.
 */
function unbacked(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
): HoldStep | undefined {
  const { channel, now, others } = view
  const heard = others.filter(({ facts, life }) => {
    const { heardAt } = facts
    return heardAt !== undefined && life !== 'left' && now < plus(heardAt, waitFor(instance, runtime, facts, view.now))
  })
  const missing = others.filter((each) => each.life !== 'left' && !heard.includes(each))
  const nodes = channel.peers.length + 1
  const lapse = (reason: string): HoldStep => ({ runtime, actions: [], feeds: [{ kind: 'lapse', now, reason }] })
  if (channel.majority && 2 * (heard.length + 1) <= nodes) {
    return lapse(`${heard.length + 1} of ${nodes} nodes are no majority`)
  }
  const isLost = channel.arbiter && missing.length > 0 && (state.leases.get(instance.name) ?? 0) <= now
  if (isLost) return lapse(`${missing[0]?.name} is silent, and the arbiter's lease is lost`)
  const standing = standingLimit(channel, instance, state, now)
  return standing === undefined || standing.until > now
    ? undefined
    : lapse('no majority of nodes acknowledges it any more')
}

/** A master holds the addresses from its claim on. */
export function noteMastership(runtime: InstanceRuntime, now: Micros): InstanceRuntime {
  const { router, peer } = runtime
  if (router.phase.kind !== 'master' || peer.holding) return runtime
  return { ...runtime, peer: { ...peer, holding: true, heldSince: now } }
}

/** Two hold the addresses: both know it, and both decide alike. */
function beside(instance: InstancePlan, runtime: InstanceRuntime, view: View): HoldStep | undefined {
  const { heldSince, rival } = runtime.peer
  const other = alive(view).find((each) => each.holds && isSince(each, heldSince) && !isLettingGo(each, view))
  if (other === undefined) {
    if (rival === undefined) return undefined
    // It let go: clients may have its hardware address.
    const announce: EngineAction = { kind: 'router', instance: instance.name, action: { kind: 'announce' } }
    const isGone = view.others.some(({ name, holds }) => name === rival && !holds)
    return { runtime: withRival(runtime, undefined), actions: isGone ? [announce] : [], feeds: [] }
  }
  const loses = compareRank(view.rank, other.rank) < 0
  const actions = rival === other.name ? [] : [logDouble(instance, other, loses)]
  const reason = `${other.name} holds the addresses too, and has the better right`
  const feeds: RouterEvent[] = loses ? [{ kind: 'lapse', now: view.now, reason }] : []
  return { runtime: withRival(runtime, other.name), actions, feeds }
}

/** A better one is no rival that lets go: its gate is closed, and its kernel unbinds the addresses. */
const isLettingGo = ({ says, rank }: Other, view: View): boolean =>
  says?.state !== 'MASTER' && compareRank(view.rank, rank) < 0

/** The other one said so when this node held the addresses already. */
const isSince = ({ facts: { provenAt } }: Other, since: InstanceRuntime['peer']['heldSince']): boolean =>
  provenAt !== undefined && since !== undefined && provenAt > since

/** A better node asks for the addresses. */
function preempted(instance: InstancePlan, runtime: InstanceRuntime, view: View): HoldStep {
  const nothing: HoldStep = { runtime, actions: [], feeds: [] }
  const [asking] = alive(view)
    .filter(({ says, rank }) => says?.claim !== undefined && says.ready && compareRank(rank, view.rank) > 0)
    .toSorted((a, b) => compareRank(b.rank, a.rank))
  if (asking === undefined) return nothing
  if (!instance.router.preempt && view.ready) return nothing
  const { offeredAt } = runtime.peer
  if (offeredAt !== undefined && view.now < plus(offeredAt, OFFER_AGAIN)) return nothing
  const offered = offer(runtime, view, asking, { kind: 'preempted' })
  return { ...nothing, runtime: { ...offered, peer: { ...offered.peer, offeredAt: view.now } } }
}

const withRival = (runtime: InstanceRuntime, rival: string | undefined): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, rival },
})
