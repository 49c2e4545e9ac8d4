import { plus } from '../../shared/units.ts'
import type { PeerInstance } from '../peer/types.ts'
import { whyClaim } from '../vrrp/transition.ts'
import type { RouterEvent } from '../vrrp/types.ts'
import { type Check, checkFencing, checkStanding, isFencingRefused } from './peer-absent.ts'
import { hasLeave } from './peer-grant.ts'
import { logDeferringTo, logServingAgain } from './peer-text.ts'
import type { ClaimReason, PeerClaim } from './peer-types.ts'
import { absent, alive, isBest, isComplete, isListening, type Other, type View, waitOf } from './peer-view.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Whether and when a backup claims, where the channel tells more than adverts do. PURE.
 *
 *   somebody alive holds, and is to be preempted   ask; it hands over (peer-move)
 *   somebody alive holds                           no claim, however silent its adverts: warn
 *   everybody says that nobody holds               the best one claims at once, with everybody's leave
 *   the holder's engine is dead for sure           the same (peer-died), when all other nodes are there; also when it let go
 *                                                  by an advert alone
 *   nobody alive holds, somebody is absent         majority and arbiter as configured; leave of those that are alive;
 *                                                  fencing; a look at the LAN (lan-doubt), then VRRP's own claim
 *   nobody is alive                                the same, without leave
 */

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
  // Asked by the channel, a holder that goes on says so at once.
  const asks = isDue || peer.died?.hint === 'resigned'
  if (holder !== undefined) return asks ? besideHolder(instance, runtime, view, holder) : over(instance, runtime)
  if (isDue && isDazed(view)) return { ...over(instance, runtime), blocked: true }
  const why = early(runtime, view) ?? (isDue ? DUE : undefined)
  return why === undefined ? over(instance, runtime) : claim(instance, runtime, view, state, why)
}

const DUE: ClaimReason = { kind: 'due' }

/** After the start, and after waking late, others are listened to before their silence, or an old farewell, means anything. */
const isDazed = (view: View): boolean => isListening(view) && (!view.allHaup || alive(view).length < view.others.length)

/** Nobody holds: the best node waits for no timer. One that has just started listens first. */
function early({ router, peer }: InstanceRuntime, view: View): ClaimReason | undefined {
  const { phase } = router
  if (phase.kind !== 'backup' || !view.ready || !view.allHaup || view.others.length === 0) return undefined
  // Somebody moves the addresses, or has leave to claim them.
  if (!isBest(view) || alive(view).some(({ says }) => says?.move !== undefined || isGrantedToOthers(view, says)))
    return undefined
  const dead = peer.died?.confirmed === true ? peer.died.node : undefined
  if (absent(view).some(({ name }) => name !== dead)) return undefined
  if (dead !== undefined) return peer.died?.hint === 'resigned' ? resignedBy(dead) : { kind: 'died', node: dead }
  if (phase.armedBy === 'entry' || isDazed(view)) return undefined
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

function besideHolder(instance: InstancePlan, runtime: InstanceRuntime, view: View, holder: Other): ClaimStep {
  const { now } = view
  const { router, peer } = runtime
  const cause = router.phase.kind === 'backup' ? whyClaim(router, router.phase, now) : undefined
  const isPreempting = cause?.kind === 'preempted' && now - cause.from.heardAt <= 2 * cause.from.interval
  const why: ClaimReason = { kind: isPreempting ? 'preempt' : 'beside', node: holder.name }
  const present: PeerClaim = { ...(peer.claim ?? { id: now, since: now, why }), asks: true }
  const asked = { ...runtime, peer: { ...peer, claim: present } }
  if (isPreempting) return waits({ runtime: asked, actions: [] })
  if (peer.deferringTo === holder.name || !isMissed(instance, view, holder, runtime))
    return waits({ runtime: asked, actions: [] })
  return {
    runtime: { ...asked, peer: { ...asked.peer, deferringTo: holder.name } },
    actions: [logDeferringTo(instance, view, holder)],
    feeds: [],
    blocked: true,
  }
}

/**
 * Adverts are blocked when the holder is heard after they were due. Until then it may as well have died after its last
 * report; and after this node woke late, they may still wait to be read.
 */
function isMissed(instance: InstancePlan, view: View, { facts }: Other, runtime: InstanceRuntime): boolean {
  const { phase } = runtime.router
  if (phase.kind !== 'backup' || isListening(view)) return false
  // Priority 0 shortened the wait, not the interval of the adverts.
  const dueAt =
    phase.armedBy === 'release' ? plus(phase.armedAt, waitOf(instance, runtime, view.now)) : phase.masterDownAt
  return (facts.heardAt ?? dueAt) > dueAt
}

function claim(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
  why: ClaimReason,
): ClaimStep {
  const { now } = view
  const { claim: before } = runtime.peer
  const present: PeerClaim = before?.why.kind === why.kind ? before : { id: now, since: now, why, asks: false }
  const standing = checkStanding(instance, runtime, view, state)
  if (!standing.passed) return waits({ ...standing, runtime: withClaim(standing.runtime, { ...present, asks: false }) })
  const asks = !isFencingRefused(runtime, now)
  const asked = { ...standing, runtime: withClaim(standing.runtime, { ...present, asks }) }
  if (alive(view).length > 0 && !(asks && hasLeave(view, present.id))) return waits(asked)
  const fenced = checkFencing(instance, asked.runtime, view)
  const next = { runtime: fenced.runtime, actions: [...standing.actions, ...fenced.actions] }
  if (!fenced.passed) return waits(next)
  const isSure = why.kind !== 'due' || (isComplete(view) && view.others.length > 0)
  if (!isSure) return { ...next, feeds: [], blocked: false }
  return { ...next, feeds: [{ kind: 'take', now, reason: reasonOf(why) }], blocked: true }
}

function reasonOf(why: ClaimReason): string {
  if (why.kind === 'released') return why.text
  if (why.kind === 'died') return `the engine of ${why.node} died, and its gate is closed`
  return 'nobody holds the addresses, and all nodes agree'
}

const withClaim = (runtime: InstanceRuntime, present: PeerClaim): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, claim: present },
})

const waits = ({ runtime, actions }: Omit<Check, 'passed'>): ClaimStep => ({
  runtime,
  actions,
  feeds: [],
  blocked: true,
})

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
