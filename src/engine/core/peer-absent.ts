import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import type { ClaimReason } from './peer-types.ts'
import { absent, alive, type View } from './peer-view.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * What a claim needs besides votes when another node is absent: dead or cut off, which cannot be told from here. Any of it may
 * stay refused for long while another node could get it: so a node that lacks it asks for no votes.
 *
 * A majority, and the arbiter's lease, are needed also when a node has left in order: it may have started again, where it is
 * not heard. Undefined: nothing is missing.
 */
export function missingQuorum(
  instance: InstancePlan,
  view: View,
  { leases }: EngineState,
  cause: ClaimReason,
): string | undefined {
  if (alive(view).length === view.others.length && cause.kind !== 'forsaken') return undefined
  const nodes = view.channel.peers.length + 1
  if (view.channel.majority && !hasMajority(view)) return `${alive(view).length + 1} of ${nodes} nodes are no majority`
  const isLeased = (leases.get(instance.name) ?? 0) > view.now
  return view.channel.arbiter && !isLeased ? 'the arbiter has not given its lease' : undefined
}

/** The absent nodes that have yet to be fenced, when all have voted, so that one node alone does it. */
export function missingFencing({ peer: { checks } }: InstanceRuntime, view: View) {
  if (!view.channel.fencing) return undefined
  const of = absent(view).map(({ name }) => name)
  const waiting = of.find((name) => checks.fencing.get(name)?.state !== 'confirmed')
  if (waiting === undefined) return undefined
  return { kind: 'fencing' as const, of, text: `${waiting} is silent, and its fencing is not confirmed` }
}

/** It could not be made sure that an absent node is off; until that is tried again, somebody else may. */
export const isFencingRefused = ({ peer: { checks } }: InstanceRuntime, view: View): boolean =>
  absent(view).some(({ name }) => {
    const fenced = checks.fencing.get(name)
    return fenced?.state === 'refused' && view.now < plus(fenced.at, FENCE_AGAIN)
  })

/** This node and those that are alive are more than half of all. */
export const hasMajority = (view: View): boolean => 2 * (alive(view).length + 1) > view.channel.peers.length + 1

/** One that could not be fenced is tried again after so long. */
const FENCE_AGAIN = fromSeconds(30)

/** Fences those that have not been, or again those that could not be. */
export function fence(instance: InstancePlan, runtime: InstanceRuntime, missing: readonly string[], now: Micros) {
  const { peer } = runtime
  const fencing = new Map(peer.checks.fencing)
  const asked = missing.filter((name) => {
    const before = fencing.get(name)
    return before === undefined || (before.state === 'refused' && now >= plus(before.at, FENCE_AGAIN))
  })
  for (const name of asked) fencing.set(name, { state: 'asked', at: now })
  const actions: EngineAction[] = asked.map((node) => ({ kind: 'fence', instance: instance.name, node }))
  return { runtime: { ...runtime, peer: { ...peer, checks: { ...peer.checks, fencing } } }, actions }
}

export function noteFenced(instance: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  const { peer } = runtime
  if (event.kind !== 'fenced' || event.instance !== instance.name || !peer.checks.fencing.has(event.node))
    return runtime
  const state = event.confirmed ? ('confirmed' as const) : ('refused' as const)
  const fencing = new Map(peer.checks.fencing).set(event.node, { state, at: event.now })
  return { ...runtime, peer: { ...peer, checks: { ...peer.checks, fencing } } }
}

/** When fencing is to be tried again; not when that waits for something else. */
export function fenceDeadline({ peer: { checks } }: InstanceRuntime, now: Micros): Micros | undefined {
  const refused = [...checks.fencing.values()].filter(({ state }) => state === 'refused')
  const times = refused.map(({ at }) => plus(at, FENCE_AGAIN)).filter((at) => at > now)
  return times.toSorted((a, b) => a - b)[0]
}
