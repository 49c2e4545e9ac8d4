import type { Micros } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { alive, viewOf } from './peer-view.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/**
 * Names the best other node that is alive and could serve, as it says by the channel, even if an administrator has put it
 * in standby; undefined: none is known.
 */
export function successor(
  node: NodePlan,
  plan: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): string | undefined {
  const view = viewOf(node, plan, runtime, state, now)
  const able = view === undefined ? [] : alive(view).filter(({ rank }) => rank.readiness !== 'unable')
  return able.toSorted((a, b) => compareRank(b.rank, a.rank))[0]?.name
}
