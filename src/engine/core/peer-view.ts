import type { Ipv4 } from '../../shared/ip.ts'
import { type Micros, micros, plus } from '../../shared/units.ts'
import { compareRank, type Life, lifeOf, type Rank } from '../peer/life.ts'
import { type Told, toldOf } from '../peer/told.ts'
import type { LanReach, PeerInstance, Readiness } from '../peer/types.ts'
import { masterDownInterval } from '../vrrp/timing.ts'
import { instancesOf, MARK } from './instance-table.ts'
import { type Participation, participation } from './participation.ts'
import type { ChannelPlan } from './peer-types.ts'
import { TOGETHER } from './spread.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** What the channel lets one instance see. PURE. */

/** Another haup node. */
export type Other = {
  readonly name: string
  readonly facts: Told
  /** `died` is certain here: of a hint alone nothing follows before the node has been silent. */
  readonly life: Life
  /** It may have died: a connection to it has ended, and nothing was heard since. */
  readonly broken: boolean
  /** It may have let go: it sent an advert with priority 0, and no report since. */
  readonly resigned: boolean
  /** Undefined: it was not heard, or has no such instance. */
  readonly says: PeerInstance | undefined
  readonly rank: Rank
  /** It may answer for the addresses as far as it was heard, and it was heard lately. */
  readonly holds: boolean
  /** Nothing by the way over the LAN, though it is alive. */
  readonly lanSilent: boolean
}

export type View = {
  readonly channel: ChannelPlan
  readonly self: string
  readonly nodeNames: ReadonlyMap<string, string>
  readonly now: Micros
  readonly others: readonly Other[]
  /** After waking late: others are listened to anew until then. */
  readonly listensUntil: Micros | undefined
  readonly part: Participation
  /** It serves, or would. */
  readonly ready: boolean
  readonly rank: Rank
  readonly lan: LanReach
  /** ARP is heard, so that its absence means something. */
  readonly hearsArp: boolean
  /** Nobody but haup nodes may hold the instance. */
  readonly allHaup: boolean
  /** Few are handed over at a time, so that each move keeps to its times. */
  readonly mayHandOver: boolean
}

/** An answer about the LAN is worth something for so long. */
export const REACH_FRESH = micros(2_000_000)

export function viewOf(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): View | undefined {
  const { channel } = plan
  if (channel === undefined) return undefined
  const part = participation(instance, runtime, state.services)
  const readiness = readinessOf(runtime, part, state)
  return {
    channel,
    self: plan.node,
    nodeNames: plan.nodeNames,
    now,
    part,
    listensUntil: listensUntil(instance, runtime, state, now),
    ready: readiness === 'serves',
    rank: { readiness, priority: part.priority, address: instance.router.source },
    others: channel.peers.flatMap((name) => otherOf(instance, runtime, state, name, now) ?? []),
    lan: lanOf(instance, runtime, state, now),
    hearsArp: state.arp,
    allHaup: instance.peers.every(({ kind }) => kind === 'haup'),
    mayHandOver: instancesOf(state).marked(MARK.handsOver).length < TOGETHER,
  }
}

/** How long a node may say nothing before it counts as absent: as a backup waits for a master, and never less than was promised. */
export const waitOf = (instance: InstancePlan, runtime: InstanceRuntime, now: Micros): Micros => {
  const { version, advertInterval } = instance.router
  const own = masterDownInterval(version, runtime.router.priority, advertInterval)
  return micros(Math.max(own, promisedWait(instance, runtime, now)))
}

/** How long another one may: the longer of what both wait, as it may report no more often than that asks for. */
export const waitFor = (instance: InstancePlan, runtime: InstanceRuntime, { says }: Told, now: Micros): Micros =>
  micros(Math.max(waitOf(instance, runtime, now), says?.wait ?? 0))

/** What this node promises by its configuration: with the highest priority that it may come to have. */
export const ownWait = ({ router: { version, advertInterval }, basePriority }: InstancePlan): Micros =>
  masterDownInterval(version, basePriority, advertInterval)

/** What its reports promise. What was promised before a reload holds for as long as a gate may be open by it. */
export function promisedWait(instance: InstancePlan, { peer: { keptWait } }: InstanceRuntime, now: Micros): Micros {
  const own = ownWait(instance)
  return keptWait !== undefined && now < keptWait.until ? micros(Math.max(own, keptWait.wait)) : own
}

/** Whether the node could serve, were it asked to. */
export function readinessOf(
  { hold, peer, place }: InstanceRuntime,
  part: Participation,
  { stopping, leaving }: EngineState,
): Readiness {
  const isApart = peer.isolated !== undefined || place.misplaced !== undefined
  if (!part.takesPart || !part.serving || isApart || stopping || leaving) return 'unable'
  return hold === undefined ? 'serves' : 'standby'
}

function otherOf(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { peers, wokeAt }: EngineState,
  name: string,
  now: Micros,
): Other | undefined {
  const peer = instance.peers.find((each) => each.name === name)
  const known = peers.get(name)
  if (peer === undefined || known === undefined) return undefined
  const facts = toldOf(known, instance.name)
  const { says } = facts
  const wait = waitFor(instance, runtime, facts, now)
  const hinted = lifeOf(facts, wait, now)
  const lately = facts.heardAt !== undefined && now < plus(facts.heardAt, wait)
  const isSure = runtime.peer.died?.confirmed === true && runtime.peer.died.node === name
  const resigned = (hinted === 'alive' || hinted === 'died') && hasResigned(runtime, peer.address, facts)
  const life = hinted === 'died' || resigned ? lifeOfDoubtful(isSure, lately) : hinted
  const lanHeard = facts.paths[0]?.heardAt
  // While this node was not awake nothing could be heard.
  const missedSince = lanHeard === undefined ? undefined : micros(Math.max(lanHeard, wokeAt ?? 0))
  return {
    name,
    facts,
    life,
    broken: hinted === 'died',
    resigned,
    says,
    rank: { readiness: says?.readiness ?? 'unable', priority: says?.priority ?? 0, address: peer.address },
    holds: says?.holding === true && lately && life !== 'died',
    lanSilent:
      life === 'alive' &&
      (missedSince === undefined || now > plus(missedSince, micros(1.5 * (facts.head?.every ?? 0)))),
  }
}

/** A hint alone makes nobody absent before its time. */
const lifeOfDoubtful = (isSure: boolean, lately: boolean): Life => (isSure || !lately ? 'died' : 'alive')

const hasResigned = ({ router: { phase, master } }: InstanceRuntime, address: Ipv4, { heardAt }: Told): boolean =>
  phase.kind === 'backup' &&
  phase.armedBy === 'release' &&
  master?.address === address &&
  heardAt !== undefined &&
  phase.armedAt > heardAt

/** How this node stands to the LAN of the instance, as it tells others. */
export function lanOf(instance: InstancePlan, runtime: InstanceRuntime, state: EngineState, now: Micros): LanReach {
  if (runtime.links.get(instance.interface)?.up === false) return 'down'
  if (state.lostWitnesses.size > 0) return 'dark'
  const { reach } = runtime.peer
  return reach !== undefined && isReachFresh(runtime, now) ? reach.answer : 'unknown'
}

/** Whether the LAN was asked, and the answer came, not long ago. */
export const isReachFresh = ({ peer: { reach } }: InstanceRuntime, now: Micros): boolean =>
  reach?.answeredAt !== undefined && now < plus(reach.answeredAt, REACH_FRESH)

export const alive = ({ others }: View): readonly Other[] => others.filter(({ life }) => life === 'alive')

/** Heard by the way over the LAN, or reaches something there: what is sent to the addresses can come to it. */
export const isOnLan = ({ lanSilent, says }: Other): boolean => !lanSilent || says?.lan === 'reached'

/** In reports: how long nothing comes over the LAN before that is no accident. */
const OFF_LAN_AFTER = 3

/**
 * For a while it has been heard by another way only, and does not say that it reaches anything on the LAN: what is sent to the
 * addresses might not come to it.
 */
export function isOffLan({ lanSilent, says, facts: { head, paths } }: Other, now: Micros): boolean {
  const at = paths[0]?.heardAt
  const isLasting = at !== undefined && now > plus(at, micros(OFF_LAN_AFTER * (head?.every ?? 0)))
  return lanSilent && isLasting && says?.lan !== 'reached'
}

/** Until when others are listened to after the start, or after waking late. */
export const listensUntil = (
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { wokeAt }: Pick<EngineState, 'wokeAt'>,
  now: Micros,
): Micros | undefined => (wokeAt === undefined ? undefined : plus(wokeAt, waitOf(instance, runtime, now)))

export const isListening = (until: Micros | undefined, now: Micros): boolean => until !== undefined && now < until

/** It takes part in the election, or holds the addresses. */
export const mayClaim = ({ says }: Pick<Other, 'says'>): boolean =>
  says !== undefined && (says.priority > 0 || says.holding)

/** Nodes that say nothing: dead, cut off, or not yet heard. */
export const absent = ({ others }: View): readonly Other[] =>
  others.filter(({ life }) => life === 'silent' || life === 'died' || life === 'unknown')

/** Whether this node is the best one to hold the instance among those that are alive. */
export const isBest = (view: View): boolean => alive(view).every(({ rank }) => compareRank(view.rank, rank) > 0)

/** Everybody who may hold the addresses is a haup node that was heard lately or has left in order. */
export const isComplete = (view: View): boolean => view.allHaup && absent(view).length === 0
