import { pauseRemedies } from '../../probes/policy.ts'
import type { ServiceState } from '../../probes/types.ts'
import { formatDuration, minus } from '../../shared/units.ts'
import { LAST_RESORT, OWNER } from '../vrrp/types.ts'
import type { EngineAction, EngineEvent, EngineState, Hold, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** `haup failover` and `haup standby`: how a hold begins and ends, what is said of it, and what it means for services. PURE. */

/** Why an instance that is held steps back. */
export const HELD = 'handed over by an administrator'
const ON_STANDBY = 'put on standby by an administrator'

export function takeHold(plan: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  const addressed = (names: readonly string[]): boolean => names.length === 0 || names.includes(plan.name)
  const { hold } = runtime
  switch (event.kind) {
    case 'hold': {
      if (!addressed(event.instances)) return runtime
      // One of an earlier life was answered then: it does not end because this engine hears nobody at first.
      const { since = event.now, until, standby = false } = event
      return { ...runtime, hold: { since, until, answered: standby || event.since !== undefined, standby } }
    }
    case 'back':
      return addressed(event.instances) ? { ...runtime, hold: undefined } : runtime
    case 'timer':
      return hold?.until !== undefined && hold.until <= event.now ? { ...runtime, hold: undefined } : runtime
    case 'advert':
      if (event.instance !== plan.name || hold === undefined || event.advert.priority === 0) return runtime
      return { ...runtime, hold: { ...hold, answered: true } }
    default:
      return runtime
  }
}

/** The line for a hold that began or ended with this event. */
export function logHold(
  plan: InstancePlan,
  before: Hold | undefined,
  after: Hold | undefined,
  event: EngineEvent,
): EngineAction[] {
  if (before?.since === after?.since && before?.until === after?.until && before?.standby === after?.standby) return []
  const [code, message] = after === undefined ? describeEnd(before, event) : describeBegin(plan, after, event)
  return [{ kind: 'log', record: { level: 'info', subject: plan.name, code: `hold.${code}`, message } }]
}

function describeBegin(plan: InstancePlan, hold: Hold, event: EngineEvent): readonly [string, string] {
  const how = plan.basePriority === OWNER ? 'out of the election' : `behind with priority ${LAST_RESORT}`
  const back = hold.standby ? 'haup resume' : 'haup failover --back'
  const end = hold.until === undefined ? `until "${back}"` : `for ${formatDuration(minus(hold.until, event.now))}`
  const restored = event.kind === 'hold' && event.since !== undefined
  const why = hold.standby ? ON_STANDBY : HELD
  const what = restored ? `${why} before the engine started, still` : `${why},`
  return [restored ? 'restored' : 'begun', `${what} stays ${how} ${end}`]
}

const OWN_PRIORITY = 'takes part again with its own priority'

function describeEnd(before: Hold | undefined, event: EngineEvent): readonly [string, string] {
  if (event.kind === 'back') {
    return ['back', `no longer ${before?.standby === true ? 'on standby' : 'handed over'}: ${OWN_PRIORITY}`]
  }
  const isOver = before?.until !== undefined && before.until <= event.now
  return isOver
    ? ['over', `the time of the ${before?.standby === true ? 'standby' : 'hand-over'} has passed: ${OWN_PRIORITY}`]
    : ['unanswered', `nobody took over: ${OWN_PRIORITY}`]
}

/** An administrator works on a box that has handed everything over: its servers are left to him. */
export function pauseHeldServices(plan: NodePlan, { instances, services }: EngineState): [string, ServiceState][] {
  return [...services].map(([name, service]) => {
    const tracking = plan.instances.filter(({ track }) => track.some((tracked) => tracked.service === name))
    const isHeld = tracking.length > 0 && tracking.every((each) => instances.get(each.name)?.hold !== undefined)
    return [name, pauseRemedies(service, isHeld)]
  })
}
