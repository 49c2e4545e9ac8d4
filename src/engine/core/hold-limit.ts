import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import { lifeOf } from '../peer/life.ts'
import { type Told, toldOf } from '../peer/told.ts'
import type { PeerInstance } from '../peer/types.ts'
import { answersFor } from './gate-deadline.ts'
import type { ChannelPlan } from './peer-types.ts'
import { isListening, listensUntil, type View, waitFor } from './peer-view.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'
import { describeUnheard, unheardRival } from './unheard-rival.ts'
import { votedUntil } from './votes.ts'

/** An instant beyond which the gate must not be open, and why, for people. `complete`: all others have voted, so that adverts need not. */
export type HoldLimit = { readonly until: Micros; readonly reason: string; readonly complete: boolean }
type Limit = Omit<HoldLimit, 'complete'>

/**
 * Until when an instance may be answered for, as far as other haup nodes and the arbiter let it; undefined: they set no
 * limit. PURE. A node that has received a report does not claim before it has heard nothing for as long as it promises
 * (`wait`): so what it acknowledged counts from when we sent it. Without acknowledgements the gate closes before that node
 * may claim, though we hear it and it does not hear us.
 */
export function holdLimit(
  plan: NodePlan,
  instance: InstancePlan,
  state: EngineState,
  now: Micros,
): HoldLimit | undefined {
  const { channel } = plan
  const runtime = state.instances.get(instance.name)
  if (channel === undefined || instance.gate.kind !== 'on' || runtime === undefined) return undefined
  // What is open closes in its turn, and nothing opens any more.
  if (runtime.router.phase.kind !== 'master')
    return { until: ZERO, reason: 'this node lets go of the addresses', complete: false }
  const isBusy = isListening(listensUntil(instance, runtime, state, now), now)
  const heard = channel.peers.flatMap((name) => {
    const facts = state.peers.get(name)
    const told = facts && toldOf(facts, instance.name)
    return told !== undefined && now < countsUntil(instance, runtime, told, now) ? [told] : []
  })
  // What is not acknowledged is held only as far as the arbiter, where there is one, lets it.
  const leased = channel.arbiter ? (state.leases.get(instance.name) ?? ZERO) : undefined
  const unheard = channel.peers.flatMap((name) => unheardBy(instance, runtime, state, name, now))
  const voted = heard.flatMap((told) => limitBy(instance, runtime, { self: plan.node, leased, isBusy, now }, told))
  const limits = [...unheard, ...voted]
  const standing = standingLimit(channel, instance, state, now)
  const [first] = (standing === undefined ? limits : [...limits, standing]).toSorted((a, b) => a.until - b.until)
  return first && { ...first, complete: voted.length > 0 && voted.length >= instance.peers.length }
}

/**
 * All that could claim are haup nodes, and each of them has acknowledged lately that this one holds: nobody claims for want
 * of adverts, so none have to be sent for the gate to stay open.
 */
export function isVouched(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): boolean {
  const limit = holdLimit(plan, instance, state, now)
  return limit?.complete === true && limit.until > now
}

/** A second one that does not hear this node: neither answers until one has let go. */
function unheardBy(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { peers, arp }: EngineState,
  name: string,
  now: Micros,
): readonly Limit[] {
  const facts = peers.get(name)
  if (facts === undefined || runtime.lan.beside === undefined) return []
  const told = toldOf(facts, instance.name)
  const isAlive = lifeOf(told, waitFor(instance, runtime, told, now), now) === 'alive'
  const rival = unheardRival(instance, runtime, told, isAlive, arp, now)
  return rival === undefined ? [] : [{ until: ZERO, reason: describeUnheard(name) }]
}

type Own = {
  readonly self: string
  readonly leased: Micros | undefined
  /** Has just started, or woke late. */
  readonly isBusy: boolean
  readonly now: Micros
}

/** What one node that is heard allows; a node that neither takes part nor holds has to listen first. */
function limitBy(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { self, leased, isBusy, now }: Own,
  told: Told,
): readonly Limit[] {
  const { node, provenAt, heardAt, metAt, says } = told
  const { heldSince, gone } = runtime.peer
  if (says === undefined || (says.priority === 0 && !says.holding)) return []
  // It could not serve, and asks for a while before it claims all the same (decide.ts).
  const isHarmless = !says.holding && says.refuses !== self && (says.claim === undefined || says.follows === self)
  if (says.readiness === 'unable' && isHarmless) return []
  // Its gate is closed for sure: this node took over because of that.
  if (runtime.peer.refusal?.node === node && says.open === 0) return []
  // It was seen to hold no more when this node claimed, and has not been heard since: it would have to listen first.
  const goneAt = gone.get(node)
  const isReplaced = goneAt !== undefined && goneAt >= (heardAt ?? ZERO) && goneAt <= (heldSince ?? ZERO)
  if (isReplaced) return []
  if (isRival(says, provenAt, heldSince)) {
    return [{ until: ZERO, reason: `${node} holds the addresses, too: closed until one of them has let go` }]
  }
  const acknowledged = votedUntil(instance, runtime, told)
  // Busy or just started: its votes come late. It asks before it claims, after it has listened anew (decide.ts). Not when this
  // node is busy itself: what it has read of the other one may be old.
  if (acknowledged <= now && says.listens && isHarmless && !isBusy) return []
  const met = metAt === undefined ? ZERO : plus(metAt, TO_ACKNOWLEDGE)
  const granted = micros(Math.min(met, leased ?? met))
  // Without the arbiter's lease it does not claim beside a node that it does not hear.
  const until = micros(Math.max(acknowledged, granted, leased ?? ZERO))
  return [{ until, reason: `${node} does not acknowledge that this node holds the addresses` }]
}

const isRival = (
  says: PeerInstance | undefined,
  provenAt: Micros | undefined,
  heldSince: Micros | undefined,
): boolean => says?.holding === true && says.state === 'MASTER' && (provenAt ?? ZERO) > (heldSince ?? ZERO)

/** Another one that holds counts until its gate has closed for want of adverts; its last one may be a report later. */
function countsUntil(instance: InstancePlan, runtime: InstanceRuntime, told: Told, now: Micros): Micros {
  const { head, heardAt, provenAt, says } = told
  const until = limitsUntil(told)
  const counts = heardAt !== undefined && until !== ZERO && isRival(says, provenAt, runtime.peer.heldSince)
  return counts ? plus(heardAt, plus(waitFor(instance, runtime, told, now), head?.every ?? ZERO)) : until
}

/**
 * A node that was silent and is heard again has acknowledged nothing that is new. It is told at once, and has a few ways to
 * and fro to say that it hears us. Until then it says that it does not hold, and would say at once that it does.
 */
const TO_ACKNOWLEDGE = fromMillis(50)

/** Until when an arbiter or a majority, where one is needed now, lets this node hold. */
export function standingLimit(
  channel: ChannelPlan,
  instance: InstancePlan,
  state: EngineState,
  now: Micros,
): Limit | undefined {
  const runtime = state.instances.get(instance.name)
  if (instance.gate.kind !== 'on' || runtime === undefined) return undefined
  const told = channel.peers.flatMap((peer) => {
    const facts = state.peers.get(peer)
    return facts === undefined ? [] : [toldOf(facts, instance.name)]
  })
  const acked = told.map((each) => votedUntil(instance, runtime, each))
  const isSilent = told.some((each) => now >= limitsUntil(each))
  const limits: readonly Limit[] = [
    ...(channel.majority ? [{ until: latestOfMajority(acked), reason: 'no majority of nodes acknowledges it' }] : []),
    ...(channel.arbiter && isSilent
      ? [
          {
            until: state.leases.get(instance.name) ?? ZERO,
            reason: "the arbiter's lease is lost, and a node is absent",
          },
        ]
      : []),
  ]
  return limits.toSorted((a, b) => a.until - b.until)[0]
}

/**
 * In reports: a node from which none came for so long no longer limits our gate, as in plain VRRP. They may be 1.2 intervals
 * apart, and one that is lost must not count as silence. A node that has just acknowledged something counts as silent before
 * that runs out, in time to keep the gate open: it may have been stopped.
 */
const SILENT_AFTER = 2.5
const ANSWERED_WITHIN = 0.5
/** To open the gate for longer. */
export const IN_TIME = fromMillis(20)

/** Until when a node's acknowledgements limit what is held here, unless it is heard again. */
export function limitsUntil({
  heardAt,
  provenAt,
  head,
  says,
}: Pick<Told, 'heardAt' | 'provenAt' | 'head' | 'says'>): Micros {
  if (heardAt === undefined || head === undefined || head.leaving) return ZERO
  const { every } = head
  const silentAt = plus(heardAt, micros(SILENT_AFTER * every))
  if (provenAt === undefined || heardAt - provenAt >= ANSWERED_WITHIN * every) return silentAt
  // Adverts that are faster than reports are not fenced.
  if (says === undefined || says.wait < 3 * every) return silentAt
  return micros(Math.min(silentAt, provenAt + answersFor(says.wait) - IN_TIME))
}

/** The instant until which so many others will not claim that, with this node, they are more than half of all. */
function latestOfMajority(acked: readonly Micros[]): Micros {
  const needed = Math.floor((acked.length + 1) / 2)
  return acked.toSorted((a, b) => b - a)[needed - 1] ?? ZERO
}

/**
 * Why an active node has to step down: what a claim needs is needed to hold, too, and to open the gate again. Somebody else
 * may hold now, whom this node does not hear.
 */
export function lostQuorum(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { channel, now, others }: View,
  state: EngineState,
): string | undefined {
  const heard = others.filter(({ facts, life }) => {
    const { heardAt } = facts
    return heardAt !== undefined && life !== 'left' && now < plus(heardAt, waitFor(instance, runtime, facts, now))
  })
  const missing = others.filter((each) => each.life !== 'left' && !heard.includes(each))
  const nodes = channel.peers.length + 1
  if (channel.majority && 2 * (heard.length + 1) <= nodes) {
    return `${heard.length + 1} of ${nodes} nodes are no majority`
  }
  const isLost = channel.arbiter && missing.length > 0 && (state.leases.get(instance.name) ?? 0) <= now
  if (isLost) return `${missing[0]?.name} is silent, and the arbiter's lease is lost`
  const standing = standingLimit(channel, instance, state, now)
  return standing === undefined || standing.until > now ? undefined : standing.reason
}
