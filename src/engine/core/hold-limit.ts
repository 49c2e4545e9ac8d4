import { fromMillis, type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import { instanceOf } from '../peer/life.ts'
import type { PeerFacts, PeerInstance } from '../peer/types.ts'
import { answersFor } from './gate-deadline.ts'
import type { ChannelPlan } from './peer-types.ts'
import { ownWait, waitFor } from './peer-view.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** An instant beyond which the gate must not be open, and why, for people. */
export type HoldLimit = { readonly until: Micros; readonly reason: string }

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
  if (runtime.router.phase.kind !== 'master') return { until: ZERO, reason: 'this node lets go of the addresses' }
  const heard = channel.peers.flatMap((name) => {
    const facts = state.peers.get(name)
    return facts !== undefined && now < countsUntil(instance, runtime, facts, now) ? [facts] : []
  })
  // What is not acknowledged is held only as far as the arbiter, where there is one, lets it.
  const leased = channel.arbiter ? (state.leases.get(instance.name) ?? ZERO) : undefined
  const limits = heard.flatMap((facts) => limitBy(instance, runtime, leased, facts))
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
    return facts !== undefined && now < limitsUntil(facts)
  })
  return isHeard && (holdLimit(plan, instance, state, now)?.until ?? ZERO) > now
}

/** What one node that is heard allows; a node that neither takes part nor holds has to listen first. */
function limitBy(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  leased: Micros | undefined,
  facts: PeerFacts,
): readonly HoldLimit[] {
  const { node, provenAt, heardAt, metAt } = facts
  const { heldSince, gone } = runtime.peer
  const says = instanceOf(facts, instance.name)
  if (says === undefined || (says.priority === 0 && !says.holding)) return []
  // It was seen to hold no more when this node claimed, and has not been heard since: it would have to listen first.
  const isReplaced = gone?.node === node && gone.at >= (heardAt ?? ZERO) && gone.at <= (heldSince ?? ZERO)
  if (isReplaced) return []
  if (isRival(says, provenAt, heldSince)) {
    return [{ until: ZERO, reason: `${node} holds the addresses, too: neither answers until one has let go` }]
  }
  const acknowledged = acknowledgedUntil(instance, facts)
  const met = metAt === undefined ? ZERO : plus(metAt, TO_ACKNOWLEDGE)
  const granted = micros(Math.min(met, leased ?? met))
  const until = micros(Math.max(acknowledged, granted))
  return [{ until, reason: `${node} does not acknowledge what this node says` }]
}

/**
 * Until when a node that has acknowledged something will not claim, by what it promised. One that does not have the instance
 * would have to listen first.
 */
function acknowledgedUntil(instance: InstancePlan, facts: PeerFacts): Micros {
  const wait = instanceOf(facts, instance.name)?.wait ?? ownWait(instance)
  return facts.provenAt === undefined ? ZERO : plus(facts.provenAt, answersFor(wait))
}

const isRival = (
  says: PeerInstance | undefined,
  provenAt: Micros | undefined,
  heldSince: Micros | undefined,
): boolean => says?.holding === true && says.state === 'MASTER' && (provenAt ?? ZERO) > (heldSince ?? ZERO)

/** Another one that holds counts until its gate has closed for want of adverts; its last one may be a report later. */
function countsUntil(instance: InstancePlan, runtime: InstanceRuntime, facts: PeerFacts, now: Micros): Micros {
  const { report, heardAt, provenAt } = facts
  const until = limitsUntil(facts)
  const says = instanceOf(facts, instance.name)
  const counts = heardAt !== undefined && until !== ZERO && isRival(says, provenAt, runtime.peer.heldSince)
  return counts ? plus(heardAt, plus(waitFor(instance, runtime, facts, now), report?.every ?? ZERO)) : until
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
): HoldLimit | undefined {
  if (instance.gate.kind !== 'on') return undefined
  const facts = channel.peers.flatMap((peer) => state.peers.get(peer) ?? [])
  const acked = facts.map((each) => acknowledgedUntil(instance, each))
  const isSilent = facts.some((each) => now >= limitsUntil(each))
  const limits: readonly HoldLimit[] = [
    ...(channel.majority ? [{ until: latestOfMajority(acked), reason: 'no majority of nodes acknowledges it' }] : []),
    ...(channel.arbiter && isSilent
      ? [{ until: state.leases.get(instance.name) ?? ZERO, reason: "the arbiter's lease is not had" }]
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
/** To open the gate for longer. */
const IN_TIME = fromMillis(20)

/** Until when a node's acknowledgements limit what is held here, unless it is heard again. */
export function limitsUntil({ heardAt, provenAt, report }: PeerFacts): Micros {
  if (heardAt === undefined || report === undefined || report.leaving) return ZERO
  const { every, instances } = report
  const silentAt = plus(heardAt, micros(SILENT_AFTER * every))
  if (provenAt === undefined || heardAt - provenAt >= ANSWERED_WITHIN * every) return silentAt
  // Adverts that are faster than reports are not fenced.
  const fenced = instances.filter(({ wait }) => wait >= 3 * every)
  const promised = fenced.map(({ wait }) => plus(provenAt, micros(answersFor(wait) - IN_TIME)))
  return micros(Math.min(silentAt, ...promised))
}

/** The instant until which so many others will not claim that, with this node, they are more than half of all. */
function latestOfMajority(acked: readonly Micros[]): Micros {
  const needed = Math.floor((acked.length + 1) / 2)
  return acked.toSorted((a, b) => b - a)[needed - 1] ?? ZERO
}
