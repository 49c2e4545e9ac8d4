import { fromMillis, type Micros, micros, plus } from '../../shared/units.ts'
import { masterDownInterval } from '../vrrp/timing.ts'
import { whyClaim } from '../vrrp/transition.ts'
import type { RouterConfig, RouterState } from '../vrrp/types.ts'
import { logClaimAnyway, logDeferring, logServing, peerOf } from './lan-text.ts'
import type { Doubt, Peer, Reply } from './lan-types.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A look at the LAN before a claim for want of adverts. PURE. A claim after priority 0 or by preemption has just heard the
 * master: it is not delayed. Who else answers for the addresses decides:
 *
 *   nobody                                       claim
 *   a haup node's engine (an announcement)       do not claim; probe again each Master_Down_Interval
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

export function lookBeforeClaim(plan: InstancePlan, runtime: InstanceRuntime, engine: EngineState, now: Micros): Look {
  const { doubt } = runtime.lan
  if (!engine.arp || !isDoubtful(runtime.router, now)) return goOn(runtime, [])
  if (doubt === undefined) return probe(plan, runtime, 1, undefined, now)
  if (now < doubt.until) return { runtime, actions: [], goOn: false }
  if (doubt.kind === 'deferring') return probe(plan, runtime, 1, doubt.node, now)
  return decide(plan, runtime, engine, doubt, now)
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
  if (isSilent && doubt.round < ROUNDS) return probe(plan, runtime, doubt.round + 1, doubt.node, now)
  return goOn(runtime, doubt.replies.length === 0 ? [] : [logClaimAnyway(plan, stations, doubt.replies)])
}

function probe(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  round: number,
  node: string | undefined,
  now: Micros,
): Look {
  const until = plus(now, probeTime(plan.router))
  const next = withDoubt(runtime, { kind: 'probing', until, round, replies: [], node })
  return { runtime: next, actions: [probeLan(plan)], goOn: false }
}

function defer(plan: InstancePlan, runtime: InstanceRuntime, peer: Peer, now: Micros): Look {
  const { priority, masterInterval } = runtime.router
  const until = plus(now, masterDownInterval(plan.router.version, priority, masterInterval))
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

/** Whether the router is about to claim because it heard nothing, or nothing lately of the master that it preempts. */
function isDoubtful(router: RouterState, now: Micros): boolean {
  if (router.phase.kind !== 'backup' || now < router.phase.masterDownAt) return false
  const cause = whyClaim(router, router.phase, now)
  if (cause.kind === 'preempted') return now - cause.from.heardAt > 2 * cause.from.interval
  return cause.kind === 'master-down'
}

/** After an event that may have settled it: an advert arrived, the instance left. */
export function withoutOldDoubt(plan: InstancePlan, runtime: InstanceRuntime, now: Micros): Omit<Look, 'goOn'> {
  const { doubt } = runtime.lan
  if (doubt === undefined || isDoubtful(runtime.router, now)) return { runtime, actions: [] }
  const isBack = doubt.node !== undefined && runtime.router.phase.kind === 'backup'
  return { runtime: withDoubt(runtime, undefined), actions: isBack ? [logServing(plan, doubt.node ?? '')] : [] }
}

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
