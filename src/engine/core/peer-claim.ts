import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import type { PeerInstance } from '../peer/types.ts'
import { whyClaim } from '../vrrp/transition.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { checkAbsent } from './peer-absent.ts'
import { hasLeave } from './peer-grant.ts'
import { logDeferringTo, logServingAgain } from './peer-text.ts'
import type { ClaimReason, PeerClaim } from './peer-types.ts'
import { absent, alive, isBest, isComplete, type Other, type View } from './peer-view.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Whether and when a backup claims, where the channel tells more than adverts do. PURE.
 *
 *   somebody alive holds, and is to be preempted   ask; it hands over (peer-move); by VRRP's own rule if it does not
 *   somebody alive holds                           no claim, however silent its adverts: warn
 *   everybody says that nobody holds               the best one claims at once, with everybody's leave
 *   nobody alive holds, somebody is absent         leave of those that are alive; majority, arbiter, fencing as
 *                                                  configured; a look at the LAN (lan-doubt), then VRRP's own claim
 *   nobody is alive                                the same, without leave
 */

/** A living holder that was asked hands over, or lets go when that fails; one that does neither is preempted as by VRRP. */
const PREEMPT_PATIENCE = fromSeconds(10)
/** Nodes that are alive and give neither leave nor an advert are waited for so long. */
const LEAVE_PATIENCE = fromSeconds(1)

export type ClaimStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly feeds: readonly RouterEvent[]
  /** The router must not have its timer. */
  readonly blocked: boolean
}

export function followClaim(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
): ClaimStep {
  const { router, peer } = runtime
  const { now } = view
  if (router.phase.kind !== 'backup' || !view.part.takesPart) return over(instance, runtime)
  if (peer.move !== undefined || peer.grant !== undefined) return { ...over(instance, runtime), blocked: true }
  const isDue = now >= router.phase.masterDownAt
  const holder = view.others.find(({ holds }) => holds)
  if (holder !== undefined) return isDue ? besideHolder(instance, runtime, view, holder) : over(instance, runtime)
  if (isDue && isDazed(view)) return { ...over(instance, runtime), blocked: true }
  const why = isDue ? DUE : early(runtime, view)
  return why === undefined ? over(instance, runtime) : claim(instance, runtime, view, state, why, isDue)
}

const DUE: ClaimReason = { kind: 'due' }

/** After waking late others are listened to anew, before their silence means anything. */
const isDazed = (view: View): boolean =>
  view.listensUntil !== undefined && view.now < view.listensUntil && !isComplete(view)

/** Nobody holds: the best node waits for no timer. One that has just started listens first. */
function early({ router }: InstanceRuntime, view: View): ClaimReason | undefined {
  const { phase } = router
  if (phase.kind !== 'backup' || phase.armedBy === 'entry' || !view.ready) return undefined
  if (!isComplete(view) || view.others.length === 0 || !isBest(view)) return undefined
  // Somebody moves the addresses, or has leave to claim them.
  if (alive(view).some(({ says }) => says?.move !== undefined || isGrantedToOthers(view, says))) return undefined
  const last = view.others.find(
    ({ facts }) => router.master !== undefined && facts.node === nodeOf(view, router.master.address),
  )
  return { kind: 'released', text: releasedText(last) }
}

const isGrantedToOthers = ({ self }: View, says: PeerInstance | undefined): boolean =>
  says?.grant !== undefined && says.grant.to !== self

const nodeOf = (view: View, address: string): string | undefined => view.nodeNames.get(address)

const releasedText = (last: Other | undefined): string =>
  last?.says === undefined ? 'nobody holds the addresses' : `${last.name} has let go: ${last.says.reason}`

function besideHolder(instance: InstancePlan, runtime: InstanceRuntime, view: View, holder: Other): ClaimStep {
  const { now } = view
  const { router, peer } = runtime
  const cause = router.phase.kind === 'backup' ? whyClaim(router, router.phase, now) : undefined
  const isPreempting = cause?.kind === 'preempted' && now - cause.from.heardAt <= 2 * cause.from.interval
  const why: ClaimReason = { kind: isPreempting ? 'preempt' : 'beside', node: holder.name }
  const claim: PeerClaim = peer.claim ?? { id: now, since: now, why }
  const asked = { ...runtime, peer: { ...peer, claim } }
  if (isPreempting) {
    const isOver = now >= plus(claim.since, PREEMPT_PATIENCE)
    return { runtime: asked, actions: [], feeds: [], blocked: !isOver }
  }
  if (peer.deferringTo === holder.name) return { runtime: asked, actions: [], feeds: [], blocked: true }
  return {
    runtime: { ...asked, peer: { ...asked.peer, deferringTo: holder.name } },
    actions: [logDeferringTo(instance, view, holder)],
    feeds: [],
    blocked: true,
  }
}

function claim(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  why: ClaimReason,
  isDue: boolean,
): ClaimStep {
  const { now } = view
  const { peer } = runtime
  const present: PeerClaim = peer.claim?.why.kind === why.kind ? peer.claim : { id: now, since: now, why }
  const asked: InstanceRuntime = { ...runtime, peer: { ...peer, claim: present } }
  const isImpatient = isDue && now >= plus(present.since, LEAVE_PATIENCE)
  if (!hasLeave(view, present.id) && !isImpatient) return { runtime: asked, actions: [], feeds: [], blocked: true }
  if (absent(view).length === 0 && view.allHaup && view.others.length > 0) {
    const reason = why.kind === 'released' ? why.text : 'nobody holds the addresses, and all nodes agree'
    return { runtime: asked, actions: [], feeds: [{ kind: 'take', now, reason }], blocked: true }
  }
  const checked = checkAbsent(instance, asked, view, state)
  return { ...checked, feeds: [], blocked: !checked.passed }
}

/** No claim, or it has ended. */
function over(instance: InstancePlan, runtime: InstanceRuntime): ClaimStep {
  const { peer } = runtime
  const actions = peer.deferringTo === undefined ? [] : [logServingAgain(instance, peer.deferringTo)]
  const isIdle = peer.claim === undefined && peer.deferringTo === undefined && peer.checks.fencing.size === 0
  if (isIdle) return { runtime, actions, feeds: [], blocked: false }
  const checks = { fencing: new Map(), saidWaiting: undefined }
  return {
    runtime: { ...runtime, peer: { ...peer, claim: undefined, deferringTo: undefined, checks } },
    actions,
    feeds: [],
    blocked: false,
  }
}

/** When a claim is to be looked at again. */
export function claimDeadline({ peer: { claim: present } }: InstanceRuntime, now: Micros): Micros | undefined {
  if (present === undefined) return undefined
  const at = plus(present.since, present.why.kind === 'preempt' ? PREEMPT_PATIENCE : LEAVE_PATIENCE)
  return at > now ? at : undefined
}
