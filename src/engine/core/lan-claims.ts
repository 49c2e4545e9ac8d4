import { compareIpv4 } from '../../shared/ip.ts'
import { earliest, fromMillis, fromSeconds, type Micros, micros, plus } from '../../shared/units.ts'
import { LAST_RESORT, type RouterEvent } from '../vrrp/types.ts'
import { probeLan, probeTime } from './lan-doubt.ts'
import { blockedReason, logCalm, logClaimant, logLettingGo, peerOf } from './lan-text.ts'
import type { Claimant, LanState, Peer } from './lan-types.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Others that claim our addresses while we hold them. PURE. A stranger's claim is answered by an announcement at once, but
 * once a second at most (RFC 5227 2.4 defends once in ten; a web server must not wait so long); then adverts are
 * accompanied by announcements until nobody else claimed for a while.
 *
 * A claimant that is a node of ours has adverts, and VRRP settles it. When they do not come for two intervals and a probe
 * shows that it still holds, both sides compute alike who lets go: the lower base priority, then the lower address; a
 * node that cannot serve (LAST_RESORT) does so earlier, so that the other one need not. Nobody lets go for keepalived,
 * which knows nothing of this rule, or for a stranger.
 */

/** Until then an unknown station may turn out to be a node: its own address has been asked for. */
const NAMING = fromMillis(100)
/** Announcements that repeat, or answer strangers, are so far apart. */
export const DEFENCE = fromSeconds(1)
/** Without a claim for so long, the matter is over. */
export const CALM = fromSeconds(10)
/** Beyond it strangers are not told apart; a node always counts. */
const MOST_CLAIMANTS = 8
/** Engines that take turns probing get an answer each; a flood of probes does not make us one. */
const ANSWER_GAP = fromMillis(10)

type Foreign = Extract<EngineEvent, { kind: 'foreign-claim' }>

export type Contest = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly lapse: RouterEvent | undefined
}

export type Repeating = {
  /** The event made us send an advert. */
  readonly advertised: boolean
  /** The addresses have to be announced also when nobody claims them. */
  readonly anyway: boolean
}

/** What follows from an event, and from time, for a master's claimants. */
export function contest(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  engine: EngineState,
  event: EngineEvent,
  { advertised, anyway }: Repeating,
): Contest {
  const { lan } = runtime
  if (runtime.router.phase.kind !== 'master') {
    const quiet = lan.claimants.length === 0 ? runtime : { ...runtime, lan: { ...lan, claimants: [] } }
    return { runtime: quiet, actions: [], lapse: undefined }
  }
  const claim = event.kind === 'foreign-claim' && event.instance === plan.name ? event : undefined
  const taken = claim === undefined ? { claimants: lan.claimants, actions: [] } : take(plan, engine, lan, claim)
  const steps = taken.claimants.map((each) => advance(plan, runtime, engine, each, event.now))
  const claimants = steps.flatMap(({ next }) => next ?? [])
  const next = { ...runtime, lan: { ...lan, claimants } }
  const actions = [...taken.actions, ...steps.flatMap((step) => step.actions)]
  const winner = steps.find(({ lapse }) => lapse !== undefined)?.lapse
  if (winner !== undefined) {
    return { runtime: next, actions, lapse: { kind: 'lapse', now: event.now, reason: blockedReason(winner.name) } }
  }
  const isStranger = claim !== undefined && peerOf(plan, engine.stations, claim.mac) === undefined
  const defends = isStranger && isOld(lan.defendedAt, event.now)
  const isDue = anyway || (advertised && claimants.length > 0)
  const isRepeated = isDue && isOld(lan.announcedAt, event.now)
  if (!defends && !isRepeated && !isAsked(plan, lan, event)) return { runtime: next, actions, lapse: undefined }
  const announced = noteAnnouncement(next.lan, event)
  const told = { ...next, lan: defends ? { ...announced, defendedAt: event.now } : announced }
  return { runtime: told, actions: [...actions, announce(plan)], lapse: undefined }
}

const announce = ({ name }: InstancePlan): EngineAction => ({
  kind: 'router',
  instance: name,
  action: { kind: 'announce' },
})

const isOld = (at: Micros | undefined, now: Micros): boolean => at === undefined || now - at >= DEFENCE

/** Somebody asks whether the address is held: the engine itself says so, which a kernel without one cannot. */
const isAsked = (plan: InstancePlan, { answeredAt }: LanState, event: EngineEvent): boolean =>
  event.kind === 'lan-probe' &&
  event.instance === plan.name &&
  (answeredAt === undefined || event.now - answeredAt >= ANSWER_GAP)

/** What our own announcements leave behind. */
export const noteAnnouncement = (lan: LanState, event: EngineEvent): LanState => ({
  ...lan,
  announcedAt: event.now,
  answeredAt: event.kind === 'lan-probe' ? event.now : lan.answeredAt,
})

function take(
  plan: InstancePlan,
  { stations }: EngineState,
  { claimants }: LanState,
  { mac, address, own, now }: Foreign,
) {
  const known = claimants.some((each) => each.mac === mac)
  if (known) {
    return { claimants: claimants.map((each) => (each.mac === mac ? { ...each, seenAt: now } : each)), actions: [] }
  }
  const isNamed = peerOf(plan, stations, mac) !== undefined
  if (claimants.length >= MOST_CLAIMANTS && !isNamed) return { claimants, actions: [] }
  const claimant: Claimant = { mac, address, own, since: now, seenAt: now, step: 'naming', at: plus(now, NAMING) }
  return { claimants: [...claimants, claimant], actions: isNamed ? [] : [probeLan(plan)] }
}

type Advanced = {
  readonly next: Claimant | undefined
  readonly actions: readonly EngineAction[]
  readonly lapse?: Peer
}

function advance(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  { stations }: EngineState,
  claimant: Claimant,
  now: Micros,
): Advanced {
  const { mac, at, since, step } = claimant
  if (now >= plus(claimant.seenAt, CALM)) {
    return { next: undefined, actions: step === 'known' ? [logCalm(plan, claimant)] : [] }
  }
  if (at === undefined || now < at) return { next: claimant, actions: [] }
  const peer = peerOf(plan, stations, mac)
  const say: Advanced = {
    next: { ...claimant, step: 'known', at: undefined },
    actions: [logClaimant(plan, peer, claimant)],
  }
  if (peer === undefined) return say
  const isHeard = (runtime.lan.heard.get(peer.address) ?? -1) >= since
  if (isHeard) return { next: undefined, actions: [] }
  if (step === 'naming') {
    return { next: { ...claimant, step: 'waiting', at: plus(since, patience(plan, runtime)) }, actions: [] }
  }
  if (step === 'waiting') {
    const next: Claimant = { ...claimant, step: 'confirming', at: plus(now, probeTime(plan.router)) }
    return { next, actions: [probeLan(plan)] }
  }
  // What was claimed since the probe is an answer to it.
  if (claimant.seenAt <= at - probeTime(plan.router)) return { next: undefined, actions: [] }
  if (peer.kind === 'keepalived' || !yieldsTo(plan, runtime, peer)) return say
  return { next: undefined, actions: [logLettingGo(plan, peer)], lapse: peer }
}

/** How long a node's adverts are waited for. */
const patience = ({ router: { advertInterval } }: InstancePlan, { router }: InstanceRuntime): Micros =>
  micros((router.priority === LAST_RESORT ? 1 : 2) * advertInterval)

/** The same on both sides, since both have the same file; what they differ in (LAST_RESORT) makes one of them earlier. */
const yieldsTo = (
  { basePriority, router: { source } }: InstancePlan,
  { router }: InstanceRuntime,
  peer: Peer,
): boolean =>
  router.priority === LAST_RESORT ||
  basePriority < peer.basePriority ||
  (basePriority === peer.basePriority && compareIpv4(source, peer.address) < 0)

/** When something is due for what claims our addresses. */
export const claimsDeadline = ({ claimants }: LanState): Micros | undefined =>
  claimants.reduce<Micros | undefined>(
    (at, each) => earliest(at, earliest(each.at, plus(each.seenAt, CALM))),
    undefined,
  )
