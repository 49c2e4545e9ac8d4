import { type Micros, micros, minus } from '../../shared/units.ts'
import { indexOf } from './plan-index.ts'
import type { InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** Many instances that become something at one instant would all have to be worked on at one instant ever after. PURE. */

/** So many instances share an instant. */
export const TOGETHER = 16
/** Of the interval, over which the others follow. */
const SPREAD = 0.9

/** The first few keep the whole pause, those behind them get a shorter one, once: from then on they have turns of their own. */
export function spread(pause: Micros, place: number, among: number): Micros {
  const groups = Math.ceil(among / TOGETHER)
  return micros(pause * (1 - (SPREAD * Math.floor(place / TOGETHER)) / groups))
}

/** A new master's second advert comes sooner, never later, than the interval says. */
export function spreadAdverts(
  plan: NodePlan,
  { name, router: { advertInterval } }: InstancePlan,
  before: InstanceRuntime,
  runtime: InstanceRuntime,
): InstanceRuntime {
  const { router } = runtime
  const { phase } = router
  if (before.router.phase.kind === 'master' || phase.kind !== 'master') return runtime
  const { places } = indexOf(plan)
  const sooner = minus(advertInterval, spread(advertInterval, places.get(name) ?? 0, places.size))
  if (sooner === 0) return runtime
  return { ...runtime, router: { ...router, phase: { ...phase, advertAt: minus(phase.advertAt, sooner) } } }
}
