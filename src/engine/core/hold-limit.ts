import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { PeerFacts, PeerInstance } from '../peer/types.ts'
import type { ChannelPlan } from './peer-types.ts'
import { waitOf } from './peer-view.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** An instant beyond which the gate must not be open, and why, for people. */
export type HoldLimit = { readonly until: Micros; readonly reason: string }

/**
 * Until when an instance may be answered for, as far as other haup nodes and the arbiter let it; undefined: they set no
 * limit. PURE. A node that has received a report does not claim before it was silent for as long as an advert's lease
 * (gate-deadline.ts): so what it acknowledged counts from when we sent it. Without acknowledgements the gate closes before
 * that node may claim, though we hear it and it does not hear us.
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
  if (runtime.router.phase.kind !== 'master') return { until: ZERO, reason: 'this node lets go of the addresses' }
  const { lease } = instance.gate
  const heard = channel.peers.flatMap((name) => {
    const facts = state.peers.get(name)
    return facts !== undefined && now < countsUntil(channel, instance, runtime, facts) ? [facts] : []
  })
  // What is not acknowledged is held only as far as the arbiter, where there is one, lets it.
  const leased = channel.arbiter ? (state.leases.get(instance.name) ?? ZERO) : undefined
  const limits = heard.flatMap((facts) => limitBy(instance, runtime, { lease, leased }, facts))
  const standing = standingLimit(channel, instance, state, now)
  const [first] = (standing === undefined ? limits : [...limits, standing]).toSorted((a, b) => a.until - b.until)
  return first
}

/**
 * All that could claim are haup nodes, and each of them has acknowledged lately that this one holds: nobody claims for want
 * of adverts, so none have to be sent for the gate to stay open.
 */
export function isVouched(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): boolean {
  const { channel } = plan
  if (channel === undefined || channel.peers.length === 0 || channel.peers.length < instance.peers.length) return false
  const isHeard = channel.peers.every((name) => {
    const facts = state.peers.get(name)
    return facts !== undefined && now < limitsUntil(facts, channel.every)
  })
  return isHeard && (holdLimit(plan, instance, state, now)?.until ?? ZERO) > now
}

/** What one node that is heard allows; a node that neither takes part nor holds has to listen first. */
function limitBy(
  { name }: InstancePlan,
  { peer: { heldSince, gone } }: InstanceRuntime,
  { lease, leased }: { readonly lease: Micros; readonly leased: Micros | undefined },
  { node, report, provenAt, heardAt, metAt }: PeerFacts,
): readonly HoldLimit[] {
  const says = report?.instances.find((each) => each.name === name)
  if (says === undefined || (says.priority === 0 && !says.holding)) return []
  // It was seen to hold no more when this node claimed, and has not been heard since: it would have to listen first.
  const isReplaced = gone?.node === node && gone.at >= (heardAt ?? ZERO) && gone.at <= (heldSince ?? ZERO)
  if (isReplaced) return []
  if (isRival(says, provenAt, heldSince)) {
    return [{ until: ZERO, reason: `${node} holds the addresses, too: neither answers until one has let go` }]
  }
  const acknowledged = provenAt === undefined ? ZERO : plus(provenAt, lease)
  const met = metAt === undefined ? ZERO : plus(metAt, TO_ACKNOWLEDGE)
  const granted = micros(Math.min(met, leased ?? met))
  const until = micros(Math.max(acknowledged, granted))
  return [{ until, reason: `${node} does not acknowledge what this node says` }]
}

const isRival = (
  says: PeerInstance | undefined,
  provenAt: Micros | undefined,
  heldSince: Micros | undefined,
): boolean => says?.holding === true && says.state === 'MASTER' && (provenAt ?? ZERO) > (heldSince ?? ZERO)

/** Another one that holds counts until its gate has closed for want of adverts; its last one may be a report later. */
function countsUntil(channel: ChannelPlan, instance: InstancePlan, runtime: InstanceRuntime, facts: PeerFacts): Micros {
  const { report, heardAt, provenAt } = facts
  const until = limitsUntil(facts, channel.every)
  const says = report?.instances.find((each) => each.name === instance.name)
  const counts = heardAt !== undefined && until !== ZERO && isRival(says, provenAt, runtime.peer.heldSince)
  return counts ? plus(heardAt, plus(waitOf(instance, runtime), channel.every)) : until
}

/**
 * A node that was silent and is heard again has acknowledged nothing that is new. It is told at once, and has a few ways to
 * and fro to say that it hears us. Until then it says that it does not hold, and would say at once that it does.
 */
const TO_ACKNOWLEDGE = fromMillis(50)

/** Until when an arbiter or a majority, where one is needed now, lets this node hold. */
export function standingLimit(
  channel: ChannelPlan,
  { name, gate }: InstancePlan,
  state: EngineState,
  now: Micros,
): HoldLimit | undefined {
  if (gate.kind !== 'on') return undefined
  const facts = channel.peers.flatMap((peer) => state.peers.get(peer) ?? [])
  const acked = facts.map(({ provenAt }) => (provenAt === undefined ? ZERO : plus(provenAt, gate.lease)))
  const isSilent = facts.some((each) => now >= limitsUntil(each, channel.every))
  const limits: readonly HoldLimit[] = [
    ...(channel.majority ? [{ until: latestOfMajority(acked), reason: 'no majority of nodes acknowledges it' }] : []),
    ...(channel.arbiter && isSilent
      ? [{ until: state.leases.get(name) ?? ZERO, reason: "the arbiter's lease is not had" }]
      : []),
  ]
  return limits.toSorted((a, b) => a.until - b.until)[0]
}

/**
 * Silent for so long, in reports: VRRP's own rule from here on. A node that hears nothing of us reports each 1.2 of them:
 * one that is lost on the way must not end its limit. A node that has just acknowledged something counts as silent before
 * that runs out, in time to keep the gate open: it may have been stopped.
 */
const SILENT_AFTER = 2.5
const ANSWERED_WITHIN = 0.5
/** The shortest lease that an advert has, in reports and less PROCESSING (gate-deadline.ts): no interval is shorter. */
const SHORTEST_LEASE = 2.97
/** PROCESSING, and as much to open the gate for longer. */
const IN_TIME = fromMillis(40)

/** Until when a node's acknowledgements limit what is held here, unless it is heard again. */
export function limitsUntil({ heardAt, provenAt, report }: PeerFacts, every: Micros): Micros {
  if (heardAt === undefined || report?.leaving === true) return ZERO
  const silentAt = plus(heardAt, micros(SILENT_AFTER * every))
  if (provenAt === undefined || heardAt - provenAt >= ANSWERED_WITHIN * every) return silentAt
  return micros(Math.min(silentAt, provenAt + Math.floor(SHORTEST_LEASE * every) - IN_TIME))
}

/** The instant until which so many others will not claim that, with this node, they are more than half of all. */
function latestOfMajority(acked: readonly Micros[]): Micros {
  const needed = Math.floor((acked.length + 1) / 2)
  return acked.toSorted((a, b) => b - a)[needed - 1] ?? ZERO
}
