import { formatDuration, fromSeconds, type Micros, micros, plus } from '../../shared/units.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/** How often an instance that could not bind its addresses looks whether it could by now. */
const RETRY = fromSeconds(10)
/** The longest pause between two claims that fail. */
const LONGEST_PAUSE = fromSeconds(300)

type Retried = { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] }

/**
 * An instance that could not serve as master stays out until a look into the kernel says that it would succeed: trying by
 * claiming would take the address from a healthy node each time. That adverts can be sent no look can tell; so the pause
 * before each further claim that fails is twice as long, until one succeeds or the link comes back.
 */
export function retryBinding(plan: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): Retried {
  const { bindFailure: failure } = runtime
  if (event.kind === 'bind-failed' && event.instance === plan.name && runtime.router.phase.kind === 'master') {
    return { runtime: bindFailed(runtime, event.message, event.now), actions: [] }
  }
  if (isGoodNews(plan, runtime, event)) return lookNow(plan, { ...runtime, failedClaims: 0 }, event.now)
  if (failure === undefined) return { runtime, actions: [] }
  if (event.kind === 'bindings-checked' && event.instance === plan.name) {
    const found = event.error === undefined ? undefined : { message: event.error, retryAt: plus(event.now, RETRY) }
    return { runtime: { ...runtime, bindFailure: found }, actions: [] }
  }
  if (event.kind !== 'timer' || failure.retryAt > event.now) return { runtime, actions: [] }
  return lookNow(plan, runtime, event.now)
}

/** Out, from now on. */
export function bindFailed(runtime: InstanceRuntime, message: string, now: Micros): InstanceRuntime {
  const failedClaims = runtime.failedClaims + 1
  const pause = micros(Math.min(LONGEST_PAUSE, RETRY * 2 ** (failedClaims - 1)))
  const after = `claimed again after ${formatDuration(pause)}`
  const told = failedClaims === 1 ? message : `${message} (${failedClaims} times in a row: ${after})`
  return { ...runtime, failedClaims, bindFailure: { message: told, retryAt: plus(now, pause) } }
}

/** What failed succeeds again, or may for a reason that the kernel told of. */
const isGoodNews = (plan: InstancePlan, { links }: InstanceRuntime, event: EngineEvent): boolean =>
  (event.kind === 'able' && event.instance === plan.name) ||
  (event.kind === 'link' &&
    event.link.interface === plan.interface &&
    event.link.up &&
    links.get(plan.interface)?.up === false)

function lookNow(plan: InstancePlan, runtime: InstanceRuntime, now: Micros): Retried {
  const { bindFailure: failure } = runtime
  if (failure === undefined) return { runtime, actions: [] }
  const look: EngineAction = { kind: 'check-bindings', instance: plan.name }
  return { runtime: { ...runtime, bindFailure: { ...failure, retryAt: plus(now, RETRY) } }, actions: [look] }
}
