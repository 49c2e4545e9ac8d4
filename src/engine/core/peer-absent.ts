import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import { logWaiting } from './peer-text.ts'
import { absent, alive, type View } from './peer-view.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * What has to be seen before a claim when another node is absent, that is dead or cut off: which one of the two nobody can
 * tell from here. PURE. Each check may say no for long, while another node could do better: who does not pass does not ask.
 */
export type Check = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly passed: boolean
}

/**
 * Before others are asked for leave: nodes enough to ask, and the arbiter's lease. Also when a node has left in order: it
 * may have started again, where it is not heard.
 */
export function checkStanding(instance: InstancePlan, runtime: InstanceRuntime, view: View, state: EngineState): Check {
  if (alive(view).length === view.others.length) return { runtime, actions: [], passed: true }
  if (view.channel.majority && !hasMajority(view)) {
    const nodes = view.channel.peers.length + 1
    return wait(instance, runtime, `${alive(view).length + 1} of ${nodes} nodes are no majority`, [])
  }
  if (view.channel.arbiter && (state.leases.get(instance.name) ?? 0) <= view.now) {
    return wait(instance, runtime, 'the arbiter has not given its lease', [])
  }
  return { runtime, actions: [], passed: true }
}

/** When all have given leave, so that one node alone does it. */
export function checkFencing(instance: InstancePlan, runtime: InstanceRuntime, view: View): Check {
  const missing = absent(view).map(({ name }) => name)
  if (missing.length === 0 || !view.channel.fencing) return { runtime, actions: [], passed: true }
  return fence(instance, runtime, missing, view.now)
}

/** It could not be made sure that another node is off; until that is tried again, somebody else may. */
export const isFencingRefused = ({ peer: { checks } }: InstanceRuntime, now: Micros): boolean =>
  [...checks.fencing.values()].some(({ state, at }) => state === 'refused' && now < plus(at, FENCE_AGAIN))

/** This node and those that are alive are more than half of all. */
export const hasMajority = (view: View): boolean => 2 * (alive(view).length + 1) > view.channel.peers.length + 1

/** One that could not be fenced is tried again after so long. */
const FENCE_AGAIN = fromSeconds(30)

function fence(instance: InstancePlan, runtime: InstanceRuntime, missing: readonly string[], now: Micros) {
  const { peer } = runtime
  const fencing = new Map(peer.checks.fencing)
  const asked = missing.filter((name) => {
    const before = fencing.get(name)
    return before === undefined || (before.state === 'refused' && now >= plus(before.at, FENCE_AGAIN))
  })
  for (const name of asked) fencing.set(name, { state: 'asked', at: now })
  const next = { ...runtime, peer: { ...peer, checks: { ...peer.checks, fencing } } }
  const waiting = missing.find((name) => fencing.get(name)?.state !== 'confirmed')
  const actions: EngineAction[] = asked.map((node) => ({ kind: 'fence', instance: instance.name, node }))
  if (waiting === undefined) return { runtime: next, actions, passed: true }
  return wait(instance, next, `${waiting} is silent, and its fencing is not confirmed`, actions)
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

function wait(instance: InstancePlan, runtime: InstanceRuntime, what: string, actions: readonly EngineAction[]) {
  const { peer } = runtime
  if (peer.checks.saidWaiting === what) return { runtime, actions, passed: false }
  const checks = { ...peer.checks, saidWaiting: what }
  return {
    runtime: { ...runtime, peer: { ...peer, checks } },
    actions: [...actions, logWaiting(instance, what)],
    passed: false,
  }
}
