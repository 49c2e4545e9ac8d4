import { fromMillis, type Micros, micros, minus, plus } from '../../shared/units.ts'
import { whyClaim } from '../vrrp/transition.ts'
import type { RouterConfig } from '../vrrp/types.ts'
import { logClaimAnyway, logDeferring, logServing, peerOf } from './lan-text.ts'
import type { Doubt, Peer, Reply } from './lan-types.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A look at the LAN before a claim for want of adverts. PURE. It begins before Master_Down_Timer ends, so that the claim is
 * made when RFC 9568 6.1 says: a lower router may wait little longer. A claim after priority 0 or by preemption has just
 * heard the master: there is no look. Who else answers for the addresses decides:
 *
 *   nobody                                       claim
 *   a haup node's engine (an announcement)       do not claim; probe again each interval
 *   a haup node's kernel, not its engine         probe twice more (it may be busy), then claim: the engine is dead
 *   a keepalived node, somebody unknown          claim: a kernel answers for ever after its daemon died
 */

/** On a LAN answers come within a millisecond; an engine that is late gets the rest. */
const LONGEST_PROBE = fromMillis(60)
const SHORTEST_PROBE = fromMillis(15)
/** Probes of a haup node whose kernel answers and whose engine does not. */
const ROUNDS = 3
/** Of strangers; a node's answer always counts. */
const MOST_REPLIES = 16

/** How long answers are awaited: short beside fast adverts. */
export const probeTime = ({ advertInterval }: RouterConfig): Micros =>
  micros(Math.min(LONGEST_PROBE, Math.max(SHORTEST_PROBE, advertInterval / 2)))

export const probeLan = ({ name, router }: InstancePlan): EngineAction => ({
  kind: 'probe-lan',
  instance: name,
  again: micros(probeTime(router) / 3),
})

export type Look = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  /** The router may have its timer. */
  readonly goOn: boolean
}

/** `blocked`: the router must not claim yet, since the channel says so; a look may begin in time for when it may. */
export function lookBeforeClaim(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  engine: EngineState,
  blocked: boolean,
  now: Micros,
): Look {
  const dueAt = engine.arp ? doubtfulClaim(runtime, now) : undefined
  if (dueAt === undefined) return goOn(runtime, [])
  const { doubt } = runtime.lan
  const current = doubt !== undefined && isCurrent(plan, doubt, { dueAt, blocked }, now) ? doubt : undefined
  if (current === undefined && (now < lookAt(plan, dueAt) || (blocked && now >= dueAt))) return goOn(runtime, [])
  if (current === undefined) return probe(plan, runtime, { round: 1, node: doubt?.node, dueAt }, now)
  if (blocked || now < current.until) return { runtime, actions: [], goOn: false }
  if (current.kind === 'deferring') return probe(plan, runtime, { round: 1, node: current.node, dueAt }, now)
  return decide(plan, runtime, engine, current, now)
}

function decide(plan: InstancePlan, runtime: InstanceRuntime, engine: EngineState, doubt: Doubt, now: Micros): Look {
  const { stations } = engine
  const haup = (reply: Reply): Peer | undefined => {
    const peer = peerOf(plan, stations, reply.mac)
    return peer?.kind === 'haup' ? peer : undefined
  }
  const spoke = doubt.replies.filter((reply) => reply.spoke).flatMap((reply) => haup(reply) ?? [])[0]
  if (spoke !== undefined) return defer(plan, runtime, spoke, now)
  const isSilent = doubt.replies.some((reply) => haup(reply) !== undefined)
  if (isSilent && doubt.round < ROUNDS) {
    return probe(plan, runtime, { round: doubt.round + 1, node: doubt.node, dueAt: now }, now)
  }
  return goOn(runtime, doubt.replies.length === 0 ? [] : [logClaimAnyway(plan, stations, doubt.replies)])
}

type Round = { readonly round: number; readonly node: string | undefined; readonly dueAt: Micros }

function probe(plan: InstancePlan, runtime: InstanceRuntime, { round, node, dueAt }: Round, now: Micros): Look {
  const span = probeTime(plan.router)
  // A loop that wakes late leaves others less time to answer, but not too little.
  const until = dueAt - now >= span / 2 ? dueAt : plus(now, span)
  const next = withDoubt(runtime, { kind: 'probing', until, round, replies: [], node })
  return { runtime: next, actions: [probeLan(plan)], goOn: false }
}

function defer(plan: InstancePlan, runtime: InstanceRuntime, peer: Peer, now: Micros): Look {
  // Its gate may close just after its answer: one interval later that is seen.
  const until = lookAt(plan, plus(now, runtime.router.masterInterval))
  const isNew = runtime.lan.doubt?.node !== peer.name
  const next = withDoubt(runtime, { kind: 'deferring', until, round: 0, replies: [], node: peer.name })
  return { runtime: next, actions: isNew ? [logDeferring(plan, peer)] : [], goOn: false }
}

const goOn = (runtime: InstanceRuntime, actions: readonly EngineAction[]): Look => ({
  runtime: withDoubt(runtime, undefined),
  actions,
  goOn: true,
})

const withDoubt = (runtime: InstanceRuntime, doubt: Doubt | undefined): InstanceRuntime =>
  runtime.lan.doubt === doubt ? runtime : { ...runtime, lan: { ...runtime.lan, doubt } }

/**
 * When the router will claim because it heard nothing, or nothing lately of the master that it preempts: at the end of
 * Master_Down_Timer, and not while the channel says that another node holds. Undefined: no such claim is to come.
 */
function doubtfulClaim({ router, peer: { heldUntil } }: InstanceRuntime, now: Micros): Micros | undefined {
  const { phase } = router
  if (phase.kind !== 'backup') return undefined
  const dueAt = micros(Math.max(phase.masterDownAt, heldUntil ?? 0))
  const at = micros(Math.max(dueAt, now))
  const cause = whyClaim(router, phase, at)
  if (cause.kind === 'preempted') return at - cause.from.heardAt > 2 * cause.from.interval ? dueAt : undefined
  return cause.kind === 'master-down' ? dueAt : undefined
}

const lookAt = ({ router }: InstancePlan, claimAt: Micros): Micros => minus(claimAt, probeTime(router))

type Due = { readonly dueAt: Micros; readonly blocked: boolean }

/**
 * Whether a look, or its answer, is about the claim that is due. While the claim is blocked, answers are good for as long
 * as they took; a loop that is late decides by those that it has.
 */
function isCurrent(plan: InstancePlan, { kind, until }: Doubt, { dueAt, blocked }: Due, now: Micros): boolean {
  if (now < lookAt(plan, dueAt)) return false
  return kind === 'deferring' || (until >= dueAt && !(blocked && now >= plus(until, probeTime(plan.router))))
}

/**
 * After an event: a look that has become moot is dropped (an advert arrived, the instance left), and when the next one has
 * to begin is noted.
 */
export function noteLook(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  engine: EngineState,
  now: Micros,
): Omit<Look, 'goOn'> {
  const { doubt } = runtime.lan
  const dueAt = engine.arp ? doubtfulClaim(runtime, now) : undefined
  const { blocked } = runtime.peer
  const isKept = doubt !== undefined && dueAt !== undefined && isCurrent(plan, doubt, { dueAt, blocked }, now)
  if (isKept) return { runtime: withLookAt(runtime, undefined), actions: [] }
  const next = dueAt === undefined || lookAt(plan, dueAt) <= now ? undefined : lookAt(plan, dueAt)
  const { phase } = runtime.router
  const isBack = phase.kind === 'backup' && now < phase.masterDownAt
  const actions = isBack && doubt?.node !== undefined ? [logServing(plan, doubt.node)] : []
  return { runtime: withLookAt(withDoubt(runtime, undefined), next), actions }
}

const withLookAt = (runtime: InstanceRuntime, at: Micros | undefined): InstanceRuntime =>
  runtime.lan.lookAt === at ? runtime : { ...runtime, lan: { ...runtime.lan, lookAt: at } }

/** An answer to our probe. */
export function hearReply(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  stations: EngineState['stations'],
  reply: Reply,
): InstanceRuntime {
  const { doubt } = runtime.lan
  if (doubt?.kind !== 'probing') return runtime
  const before = doubt.replies.find(({ mac }) => mac === reply.mac)
  const isFull = doubt.replies.length >= MOST_REPLIES
  if (before === undefined && isFull && peerOf(plan, stations, reply.mac) === undefined) return runtime
  const others = doubt.replies.filter(({ mac }) => mac !== reply.mac)
  const merged: Reply = { mac: reply.mac, spoke: reply.spoke || before?.spoke === true }
  return withDoubt(runtime, { ...doubt, replies: [...others, merged] })
}
