import { type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { PeerFacts } from '../peer/types.ts'
import type { ChannelPlan } from './peer-types.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/**
 * Until when an instance may be answered for, as far as other haup nodes and the arbiter let it; undefined: they set no
 * limit. PURE. A node that has received a report does not claim before it was silent for as long as an advert's lease
 * (gate-deadline.ts): so what it acknowledged counts from when we sent it. Without acknowledgements the gate closes before
 * that node may claim, though we hear it and it does not hear us.
 */
export function holdLimit(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): Micros | undefined {
  const { channel } = plan
  const runtime = state.instances.get(instance.name)
  if (channel === undefined || instance.gate.kind !== 'on' || runtime === undefined) return undefined
  // It lets go: what is open closes in its turn, and nothing opens any more.
  if (runtime.router.phase.kind !== 'master') return ZERO
  const { lease } = instance.gate
  const heard = channel.peers.flatMap((name) => {
    const facts = state.peers.get(name)
    return facts !== undefined && now < limitsUntil(facts, channel.every) ? [facts] : []
  })
  const limits = heard.flatMap((facts) => limitBy(instance, runtime, lease, facts))
  const standing = standingLimit(channel, instance, state, now)
  const all = standing === undefined ? limits : [...limits, standing]
  return all.length === 0 ? undefined : micros(Math.min(...all))
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
  return isHeard && (holdLimit(plan, instance, state, now) ?? ZERO) > now
}

/** What one node that is heard allows; a node that neither takes part nor holds has to listen first. */
function limitBy(
  { name }: InstancePlan,
  { peer: { heldSince } }: InstanceRuntime,
  lease: Micros,
  { report, provenAt, heardAt, brokenAt }: PeerFacts,
): readonly Micros[] {
  const says = report?.instances.find((each) => each.name === name)
  if (says === undefined || (says.priority === 0 && !says.holding)) return []
  // It was found dead when this node claimed, and has not been heard since.
  const isReplaced = brokenAt !== undefined && brokenAt >= (heardAt ?? ZERO) && brokenAt <= (heldSince ?? ZERO)
  if (isReplaced) return []
  // Two hold: neither answers until it is settled.
  const isRival = says.holding && says.state === 'MASTER' && (provenAt ?? ZERO) > (heldSince ?? ZERO)
  return [provenAt === undefined || isRival ? ZERO : plus(provenAt, lease)]
}

/** Until when an arbiter or a majority, where one is needed now, lets this node hold. */
export function standingLimit(
  channel: ChannelPlan,
  { name, gate }: InstancePlan,
  state: EngineState,
  now: Micros,
): Micros | undefined {
  if (gate.kind !== 'on') return undefined
  const facts = channel.peers.flatMap((peer) => state.peers.get(peer) ?? [])
  const acked = facts.map(({ provenAt }) => (provenAt === undefined ? ZERO : plus(provenAt, gate.lease)))
  const isSilent = facts.some((each) => now >= limitsUntil(each, channel.every))
  const arbiter = channel.arbiter && isSilent ? [state.leases.get(name) ?? ZERO] : []
  const all = channel.majority ? [...arbiter, latestOfMajority(acked)] : arbiter
  return all.length === 0 ? undefined : micros(Math.min(...all))
}

/** Silent for so long: VRRP's own rule from here on, before the last acknowledgement runs out. */
const SILENT_AFTER = 2.5

/** Until when a node's acknowledgements limit what is held here, unless it is heard again. */
export const limitsUntil = ({ heardAt, report }: PeerFacts, every: Micros): Micros =>
  heardAt === undefined || report?.leaving === true ? ZERO : plus(heardAt, micros(SILENT_AFTER * every))

/** The instant until which so many others will not claim that, with this node, they are more than half of all. */
function latestOfMajority(acked: readonly Micros[]): Micros {
  const needed = Math.floor((acked.length + 1) / 2)
  return acked.toSorted((a, b) => b - a)[needed - 1] ?? ZERO
}
