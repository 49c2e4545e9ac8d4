import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/** How often an instance that could not bind its addresses looks whether it could by now. */
const RETRY = fromSeconds(10)

/**
 * An instance that could not bind stays out until a look into the kernel says that it would succeed: trying by claiming
 * would take the address from a healthy node each time.
 */
export function retryBinding(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const { bindFailure: failure } = runtime
  if (event.kind === 'bind-failed' && event.instance === plan.name && runtime.router.phase.kind === 'master') {
    return { runtime: bindFailed(runtime, event.message, event.now), actions: [] }
  }
  if (failure === undefined) return { runtime, actions: [] }
  if (event.kind === 'bindings-checked' && event.instance === plan.name) {
    const after =
      event.error === undefined ? { ...runtime, bindFailure: undefined } : bindFailed(runtime, event.error, event.now)
    return { runtime: after, actions: [] }
  }
  if (event.kind !== 'timer' || failure.retryAt > event.now) return { runtime, actions: [] }
  const look: EngineAction = { kind: 'check-bindings', instance: plan.name }
  return { runtime: bindFailed(runtime, failure.message, event.now), actions: [look] }
}

/** Out, from now on. */
export const bindFailed = (runtime: InstanceRuntime, message: string, now: Micros): InstanceRuntime => ({
  ...runtime,
  bindFailure: { message, retryAt: plus(now, RETRY) },
})
