import type { Ipv4 } from '../../shared/ip.ts'
import { formatDuration, type Micros, minus } from '../../shared/units.ts'
import type { PeerInstance } from '../peer/types.ts'
import { LAST_RESORT, OWNER } from '../vrrp/types.ts'
import type { EngineAction, EngineEvent, Hold, InstancePlan, InstanceRuntime } from './types.ts'

/** `haup failover` and `haup standby`: how a hold begins and ends, what is said of it, and what it means for services. PURE. */

/** Why an instance that is held steps back. */
export const HELD = 'handed over by an administrator'

export const reasonOf = ({ standby, strict }: Pick<Hold, 'standby' | 'strict'>): string =>
  strict ? 'put on strict standby by an administrator' : standby ? 'put on standby by an administrator' : HELD

/** The command that began it. */
export const commandOf = ({ standby, strict }: Pick<Hold, 'standby' | 'strict'>): string =>
  strict ? 'haup standby --strict' : standby ? 'haup standby' : 'haup failover'

/** Without names all are meant. */
export const isAddressed = (names: readonly string[], { name }: InstancePlan): boolean =>
  names.length === 0 || names.includes(name)

export function takeHold(plan: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  const { hold } = runtime
  switch (event.kind) {
    case 'hold':
      return isAddressed(event.instances, plan) ? { ...runtime, hold: holdOf(event) } : runtime
    case 'back':
      return isAddressed(event.instances, plan) ? { ...runtime, hold: undefined } : runtime
    case 'timer':
      return hold?.until !== undefined && hold.until <= event.now ? { ...runtime, hold: undefined } : runtime
    case 'advert':
      return event.instance === plan.name && event.advert.priority > 0
        ? answered(runtime, event.from, event.now)
        : runtime
    case 'peer-heard': {
      // A move that the channel has carried out is judged by the channel, too: adverts may not arrive at all.
      const taker = plan.peers.find(({ name }) => name === event.node)
      const isActive = event.report.instances.some((each) => each.name === plan.name && isHolder(each))
      const isSince = hold !== undefined && event.provenAt >= hold.since
      return taker !== undefined && isActive && isSince ? answered(runtime, taker.address, event.now) : runtime
    }
    default:
      return runtime
  }
}

export function holdOf({ now, until, since, standby = false, strict = false }: HoldEvent): Hold {
  // One of an earlier life was answered then: it does not end because this engine hears nobody at first.
  return { since: since ?? now, until, answered: standby || since !== undefined, taker: undefined, standby, strict }
}

type HoldEvent = Extract<EngineEvent, { readonly kind: 'hold' }>

/** Not one that has stepped back and still unbinds the addresses. */
const isHolder = ({ state, holding }: PeerInstance): boolean => state === 'MASTER' && holding

function answered(runtime: InstanceRuntime, address: Ipv4, at: Micros): InstanceRuntime {
  const { hold } = runtime
  if (hold === undefined || hold.taker !== undefined) return runtime
  return { ...runtime, hold: { ...hold, answered: true, taker: { address, at } } }
}

/** The line for a hold that began or ended with this event. */
export function logHold(
  plan: InstancePlan,
  before: Hold | undefined,
  after: Hold | undefined,
  event: EngineEvent,
): EngineAction[] {
  const isSame = before?.since === after?.since && before?.until === after?.until
  if (isSame && before?.standby === after?.standby && before?.strict === after?.strict) return []
  const [code, message] = after === undefined ? describeEnd(before, event) : describeBegin(plan, after, event)
  return [{ kind: 'log', record: { level: 'info', subject: plan.name, code: `hold.${code}`, message } }]
}

function describeBegin(plan: InstancePlan, hold: Hold, event: EngineEvent): readonly [string, string] {
  const isOut = plan.basePriority === OWNER || hold.strict
  const how = isOut ? 'out of the election' : `behind with priority ${LAST_RESORT}`
  const back = hold.standby ? 'haup resume' : 'haup failover --back'
  const end = hold.until === undefined ? `until "${back}"` : `for ${formatDuration(minus(hold.until, event.now))}`
  const restored = event.kind === 'hold' && event.since !== undefined
  const why = reasonOf(hold)
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
