import { type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { PeerFacts } from '../peer/types.ts'
import type { EngineState, InstancePlan, NodePlan } from './types.ts'

/**
 * Until when an instance may be answered for, as far as other haup nodes and the arbiter let it; undefined: they set no
 * limit. PURE. A node that has received a report does not claim before it was silent for as long as an advert's lease
 * (gate-deadline.ts): so what it acknowledged counts from when we sent it. Without acknowledgements the gate closes before
 * that node may claim, though we hear it and it does not hear us.
 */
export function holdLimit(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): Micros | undefined {
  const { channel } = plan
  if (channel === undefined || instance.gate.kind !== 'on') return undefined
  const { lease } = instance.gate
  const facts = channel.peers.flatMap((name) => state.peers.get(name) ?? [])
  const acked = facts.map(({ provenAt }) => (provenAt === undefined ? ZERO : plus(provenAt, lease)))
  const heard = facts.map((each) => now < limitsUntil(each, channel.every))
  const limits = acked.filter((_, index) => heard[index] === true)
  const arbiter = channel.arbiter && heard.includes(false) ? [state.leases.get(instance.name) ?? ZERO] : []
  const majority = channel.majority ? [latestOfMajority(acked)] : []
  const all = [...limits, ...arbiter, ...majority]
  return all.length === 0 ? undefined : micros(Math.min(...all))
}

/**
 * Silent for so long: VRRP's own rule from here on, before the last acknowledgement runs out. What is asked of others is not
 * waited for any longer either.
 */
const SILENT_AFTER = 2.5

/** Until when a node's acknowledgements limit what is held here, unless it is heard again. */
export const limitsUntil = ({ heardAt, report }: PeerFacts, every: Micros): Micros =>
  heardAt === undefined || report?.leaving === true ? ZERO : plus(heardAt, micros(SILENT_AFTER * every))

/** The instant until which so many others will not claim that, with this node, they are more than half of all. */
function latestOfMajority(acked: readonly Micros[]): Micros {
  const needed = Math.floor((acked.length + 1) / 2)
  return acked.toSorted((a, b) => b - a)[needed - 1] ?? ZERO
}
