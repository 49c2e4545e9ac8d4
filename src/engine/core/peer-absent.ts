import { logWaiting } from './peer-text.ts'
import { absent, alive, type View } from './peer-view.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * What has to be seen before a claim when another node is absent, that is dead or cut off: which one of the two nobody can
 * tell from here. PURE.
 */
export function checkAbsent(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  state: EngineState,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[]; readonly passed: boolean } {
  const missing = absent(view).map(({ name }) => name)
  if (missing.length === 0) return { runtime, actions: [], passed: true }
  if (view.channel.majority && !hasMajority(view)) {
    const nodes = view.channel.peers.length + 1
    return wait(instance, runtime, `${alive(view).length + 1} of ${nodes} nodes are no majority`, [])
  }
  if (view.channel.arbiter && (state.leases.get(instance.name) ?? 0) <= view.now) {
    return wait(instance, runtime, 'the arbiter has not given its lease', [
      { kind: 'lease', instance: instance.name, wanted: true },
    ])
  }
  return view.channel.fencing ? fence(instance, runtime, missing) : { runtime, actions: [], passed: true }
}

/** This node and those that are alive and have given leave are more than half of all. */
export const hasMajority = (view: View): boolean => 2 * (alive(view).length + 1) > view.channel.peers.length + 1

function fence(instance: InstancePlan, runtime: InstanceRuntime, missing: readonly string[]) {
  const { peer } = runtime
  const asked = missing.filter((name) => !peer.checks.fencing.has(name))
  const fencing = new Map(peer.checks.fencing)
  for (const name of asked) fencing.set(name, 'asked')
  const next = { ...runtime, peer: { ...peer, checks: { ...peer.checks, fencing } } }
  const waiting = missing.find((name) => fencing.get(name) !== 'confirmed')
  const actions: EngineAction[] = asked.map((node) => ({ kind: 'fence', instance: instance.name, node }))
  if (waiting === undefined) return { runtime: next, actions, passed: true }
  return wait(instance, next, `${waiting} is silent, and its fencing is not confirmed`, actions)
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
