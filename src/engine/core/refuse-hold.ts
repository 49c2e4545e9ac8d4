import { candidatesOf, isNobodyReady } from './candidates.ts'
import type { EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** An administrator's hand-over that would leave the addresses to nobody. PURE. */

type Wanted = Pick<Extract<EngineEvent, { readonly kind: 'hold' }>, 'now' | 'force' | 'since'> & {
  readonly to?: string | undefined
}

/** Whether a holder keeps an instance, because it knows that nobody could take it over and was not told to let go all the same. */
export function isRefused(
  node: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  { force, since, to, now }: Wanted,
): boolean {
  const isHolder = runtime.router.phase.kind === 'master'
  if (!isHolder || force === true || since !== undefined) return false
  return isNobodyReady(candidatesOf(node, instance, runtime, state, now), to)
}
