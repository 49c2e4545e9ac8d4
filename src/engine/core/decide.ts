import { type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { Told } from '../peer/told.ts'
import type { PeerInstance } from '../peer/types.ts'
import { whyClaim } from '../vrrp/transition.ts'
import { leavesUntil } from './damping.ts'
import { decideActive, UNHEARD_AFTER } from './decide-active.ts'
import { findsOutUntil } from './lan-reach.ts'
import { isFencingRefused, missingFencing, missingQuorum } from './peer-absent.ts'
import { missingVotes } from './peer-grant.ts'
import type { ClaimReason } from './peer-types.ts'
import { absent, alive, isBest, isComplete, isListening, type Other, type View, waitFor, waitOf } from './peer-view.ts'
import { isForsaken } from './refusal.ts'
import type { EngineState, InstancePlan, InstanceRuntime } from './types.ts'
import type { Verdict } from './verdict.ts'
import { isHeardBy } from './votes.ts'

/**
 * Who holds, as one node sees it: the first verdict that applies.
 *
 *   active      conflict, lost quorum, a better one asks, or goes on
 *   backup      in a transfer; bound by a vote; follows an active node; still listens; waits; claims, or lacks something
 *
 * A node claims when nobody alive is active: at once and with the votes of all, when all are there; when one is absent, after
 * VRRP's timer, with the votes of those that are there, and a majority, a lease or fencing where they are configured.
 */
export function decide(instance: InstancePlan, runtime: InstanceRuntime, view: View, state: EngineState): Verdict {
  const { router, peer } = runtime
  if (router.phase.kind === 'master') return decideActive(instance, runtime, view, state)
  if (router.phase.kind !== 'backup' || !view.part.takesPart) return { kind: 'out' }
  if (peer.move !== undefined) return { kind: 'transferring', with: peer.move.with }
  if (peer.grant !== undefined) return { kind: 'voted', for: peer.grant.to, until: peer.grant.until }
  return decideBackup(instance, runtime, view, state)
}

function decideBackup(instance: InstancePlan, runtime: InstanceRuntime, view: View, state: EngineState): Verdict {
  const { router, peer } = runtime
  const { now } = view
  if (router.phase.kind !== 'backup') return { kind: 'out' }
  const isOverdue = now >= router.phase.masterDownAt
  const bound = boundUntil(instance, runtime, view)
  const isForgery = isUnmasked(instance, runtime, view)
  const isDue = (isOverdue && now >= bound) || isForgery
  const holder = view.others.find((each) => each.holds && !isForsaken(instance, runtime, view, each))
  // Asked by the channel, a holder that goes on says so at once.
  const asks = isDue || peer.died?.hint === 'resigned'
  if (holder !== undefined) {
    return {
      kind: 'follow',
      node: holder.name,
      asks: asks ? besideHolder(instance, runtime, view, state, holder) : undefined,
    }
  }
  if (isDue && isDazed(view)) return { kind: 'grace', until: view.listensUntil ?? now }
  const unhearing = unhearingUntil(instance, runtime, view)
  if (isDue && unhearing !== undefined && !isForgery) return { kind: 'waiting', until: unhearing }
  const findsOut = findsOutUntil(runtime, now)
  const cause = forsaken(instance, runtime, view) ?? early(runtime, view) ?? (isDue ? DUE : undefined)
  if (cause === undefined) return { kind: 'waiting', until: isOverdue ? bound : undefined }
  // What it does not hear may be there, and nothing comes to this node.
  if (cause.kind === 'due' && findsOut !== undefined) return { kind: 'grace', until: findsOut }
  return candidate(instance, runtime, view, state, cause)
}

const DUE: ClaimReason = { kind: 'due' }

/**
 * A lower master that does not hear this node: its adverts come, and the last that came with its seal shows that nothing of
 * ours arrives there. It would go on beside whoever preempts it: its adverts are heeded for as long as they come.
 */
function unhearingUntil(instance: InstancePlan, runtime: InstanceRuntime, view: View): Micros | undefined {
  const { phase, master } = runtime.router
  if (!view.allHaup || phase.kind !== 'backup' || master === undefined || master.heardAt <= phase.armedAt)
    return undefined
  const other = view.others.find(({ name }) => name === view.nodeNames.get(master.address))
  if (other === undefined || other.life === 'alive') return undefined
  if (runtime.peer.unheardBy !== other.name && !isDeaf(other.facts)) return undefined
  const until = plus(master.heardAt, waitFor(instance, runtime, other.facts, view.now))
  return view.now < until ? until : undefined
}

/** Its last word was that it does not hear this node. */
function isDeaf({ head, heardAt = ZERO, provenAt = ZERO, unprovenAt = ZERO }: Told): boolean {
  return unprovenAt > heardAt || heardAt - provenAt > UNHEARD_AFTER * (head?.every ?? 0)
}

/** The adverts that it follows are nobody's: nothing has answered for the addresses for a whole wait. */
function isUnmasked(instance: InstancePlan, runtime: InstanceRuntime, view: View): boolean {
  const { followed, doubts } = runtime.peer
  const doubt = followed && doubts.get(followed.node)
  if (doubt === undefined || doubt.askAt !== undefined) return false
  return view.now >= plus(doubt.since, waitOf(instance, runtime, view.now))
}

/**
 * An advert that this node follows may have been acknowledged: until then it has promised not to claim, unless its sender
 * has said since that it holds nothing, or is dead for sure.
 */
export function boundUntil(instance: InstancePlan, runtime: InstanceRuntime, view: View): Micros {
  const { followed } = runtime.peer
  const other = followed && view.others.find(({ name }) => name === followed.node)
  if (followed === undefined || other === undefined || isKnownDead(runtime, other)) return view.now
  const { heardAt } = other.facts
  if (heardAt !== undefined && heardAt >= followed.at && other.says?.holding === false) return view.now
  return plus(followed.at, waitOf(instance, runtime, view.now))
}

/** Until when this node does not claim for want of adverts, unless another one that holds is heard again. */
export function heldUntil(instance: InstancePlan, runtime: InstanceRuntime, view: View): Micros | undefined {
  const ends = view.others
    .filter((each) => each.holds && !isForsaken(instance, runtime, view, each))
    .map(({ facts }) => plus(facts.heardAt ?? view.now, waitFor(instance, runtime, facts, view.now)))
  const [last] = [...ends, boundUntil(instance, runtime, view)].toSorted((a, b) => b - a)
  return last !== undefined && last > view.now ? last : undefined
}

/** After the start, and after waking late, others are listened to before their silence, or an old farewell, means anything. */
const isDazed = (view: View): boolean =>
  isListening(view.listensUntil, view.now) && (!view.allHaup || alive(view).length < view.others.length)

const isKnownDead = ({ peer: { gone } }: InstanceRuntime, { name, facts }: Other): boolean => {
  const at = gone.get(name)
  return at !== undefined && at >= (facts.heardAt ?? at)
}

const forsaken = (instance: InstancePlan, runtime: InstanceRuntime, view: View): ClaimReason | undefined => {
  const other = view.others.find((each) => each.holds && isForsaken(instance, runtime, view, each))
  return other && { kind: 'forsaken', node: other.name }
}

/** Nobody holds: the best node waits for no timer. One that has just started listens first. */
function early(runtime: InstanceRuntime, view: View): ClaimReason | undefined {
  const { router, peer } = runtime
  const { phase } = router
  if (phase.kind !== 'backup' || view.rank.readiness === 'unable' || !view.allHaup || view.others.length === 0)
    return undefined
  // Somebody moves the addresses, or has leave to claim them.
  if (!isBest(view) || alive(view).some(({ says }) => says?.move !== undefined || isGrantedToOthers(view, says)))
    return undefined
  if (absent(view).some((each) => !isKnownDead(runtime, each))) return undefined
  const dead = peer.died?.confirmed === true ? peer.died.node : undefined
  if (dead !== undefined && peer.died?.hint === 'resigned') return view.ready ? resignedBy(dead) : undefined
  if (dead !== undefined) return { kind: 'died', node: dead }
  if (isDazed(view)) return undefined
  const hasHeardSince = alive(view).every(({ facts }) => (facts.provenAt ?? 0) > phase.armedAt)
  if (phase.armedBy === 'entry' && !hasHeardSince) return undefined
  const master = router.master && view.nodeNames.get(router.master.address)
  const last = view.others.find(({ name }) => name === master)
  // It has claimed since it said farewell, or that it holds nothing.
  if (phase.armedBy === 'advert' && (last?.facts.heardAt ?? phase.armedAt) < phase.armedAt) return undefined
  return { kind: 'released', text: releasedText(last) }
}

const resignedBy = (node: string): ClaimReason => ({
  kind: 'released',
  text: `${node} has let go by its last advert, and nobody answers for the addresses`,
})

const isGrantedToOthers = ({ self }: View, says: PeerInstance | undefined): boolean =>
  says?.grant !== undefined && says.grant.to !== self

const releasedText = (last: Other | undefined): string =>
  last?.says === undefined ? 'nobody holds the addresses' : `${last.name} has let go: ${last.says.reason}`

function besideHolder(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  holder: Other,
): ClaimReason | undefined {
  const { router, peer } = runtime
  // One that seems to have let go is asked all the same.
  const isLeft = peer.died?.hint !== 'resigned' && leavesUntil(instance, runtime, state, view.now) !== undefined
  if (isLeft) return undefined
  const cause = router.phase.kind === 'backup' ? whyClaim(router, router.phase, view.now) : undefined
  const isPreempting = cause?.kind === 'preempted' && view.now - cause.from.heardAt <= 2 * cause.from.interval
  // Whom not all hear would be active behind a closed gate.
  const isHeard = alive(view).every((each) => isHeardBy(instance, runtime, each, view.now))
  if (isPreempting && !isHeard) return undefined
  return { kind: isPreempting ? 'preempt' : 'beside', node: holder.name }
}

/** A claimant that could not serve, or listened, a moment ago limits nobody's gate yet: all must have heard that it asks. In waits. */
const ASKED_FOR = 1 / 6

/** Asking takes as long as the slowest line, and no longer than a report. */
export function patienceOf(instance: InstancePlan, runtime: InstanceRuntime, { others, channel, now }: View): Micros {
  const least = ASKED_FOR * waitOf(instance, runtime, now)
  const trips = others.map(({ facts: { heardAt, provenAt } }) => (heardAt ?? 0) - (provenAt ?? 0))
  return micros(Math.min(least + Math.max(0, ...trips), Math.max(least, channel.every)))
}

function candidate(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  cause: ClaimReason,
): Verdict {
  const { claim, ableSince } = runtime.peer
  const quorum = missingQuorum(instance, view, state, cause)
  if (quorum !== undefined) return { kind: 'candidate', cause, missing: { kind: 'quorum', text: quorum } }
  const fencing = missingFencing(runtime, view)
  const without = (of: readonly string[]): Verdict => ({ kind: 'candidate', cause, missing: { kind: 'votes', of } })
  const isAbsent = absent(view).length > 0
  if (fencing !== undefined && isFencingRefused(runtime, view)) return { kind: 'candidate', cause, missing: fencing }
  const present = claim?.cause.kind === cause.kind && claim.asks ? claim : undefined
  const votes = missingVotes(instance, runtime, view, present?.id)
  if (votes.length > 0) return without(votes)
  const patience = patienceOf(instance, runtime, view)
  const isAble = ableSince !== undefined && view.now >= plus(ableSince, patience)
  const isKnown = isAble || (present !== undefined && view.now >= plus(present.since, patience))
  // What is known for sure needs no patience.
  if (isAbsent && cause.kind === 'due' && !isKnown) return without([])
  if (fencing !== undefined) return { kind: 'candidate', cause, missing: fencing }
  const isForgery = isUnmasked(instance, runtime, view)
  const isSure = cause.kind !== 'due' || isForgery || (isComplete(view) && view.others.length > 0)
  return { kind: 'claim', cause, by: isSure ? 'votes' : 'timer' }
}
