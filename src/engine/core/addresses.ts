import type { Warning } from '../../control/messages.ts'
import { formatPrefix } from '../../shared/ip.ts'
import type { LogRecord } from '../../shared/log.ts'
import { toSeconds } from '../../shared/units.ts'
import type { BoundAddress, Culprit, SeenAddress } from '../ports.ts'
import { bindFailed } from './bind-retry.ts'
import {
  atRest,
  type Guardian,
  type GuardianStep,
  onLost,
  onRepaired,
  onRepairFailed,
  onTime,
  QUICK_REPAIRS,
  WINDOW,
} from './guardian.ts'
import { followSource, lookAtSource } from './source.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** PURE: what one instance makes of the addresses that this box has: missing ones, strangers, the one adverts come from. */

export type Guarded = { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] }

export function guardAddresses(plan: InstancePlan, before: InstanceRuntime, event: EngineEvent): Guarded {
  const isMaster = before.router.phase.kind === 'master'
  const sourced = followSource(plan, before, event)
  if (sourced !== undefined) return sourced
  const runtime = isMaster ? before : { ...before, guardian: atRest(before.guardian) }
  const { guardian } = runtime
  switch (event.kind) {
    case 'timer':
      return carryOut(plan, runtime, onTime(guardian, event.now))
    case 'addresses':
      return lookAtSource(plan, look(plan, runtime, event.seen), event)
    case 'address-lost': {
      if (event.instance !== plan.name || !isMaster) return nothing(runtime)
      const step = onLost(guardian, event.now)
      const done = carryOut(plan, runtime, step)
      return step.guardian === guardian
        ? done
        : { ...done, actions: [say(plan, lost(event, guardian)), ...done.actions] }
    }
    case 'culprit':
      return event.instance === plan.name
        ? { runtime, actions: [say(plan, blame(event.culprit, guardian))] }
        : nothing(runtime)
    case 'repaired': {
      if (event.instance !== plan.name || guardian.phase.kind !== 'repairing') return nothing(runtime)
      const record = { level: guardian.slowed ? 'debug' : 'info', code: 'vip.restored', message: RESTORED } as const
      const done = carryOut(plan, runtime, onRepaired(guardian))
      return { ...done, actions: [say(plan, record), ...done.actions] }
    }
    case 'repair-failed': {
      if (event.instance !== plan.name || guardian.phase.kind !== 'repairing') return nothing(runtime)
      const step = onRepairFailed(guardian, event.now)
      if (step.order !== 'give-up') return carryOut(plan, runtime, step)
      return nothing(bindFailed({ ...runtime, guardian: step.guardian }, event.message, event.now))
    }
    default:
      return nothing(runtime)
  }
}

/** What `status` warns of. */
export const addressWarnings = (plan: NodePlan, state: EngineState): readonly Warning[] =>
  plan.instances.flatMap((instance) => {
    const runtime = state.instances.get(instance.name)
    if (runtime === undefined) return []
    const strangers = runtime.strangers.map((each) => ({
      code: 'vip.stranger',
      message: `${instance.name}: ${describeStranger(each)}`,
    }))
    const often = { code: 'vip.lost-often', message: `${instance.name}: ${SLOWED}` }
    return runtime.guardian.slowed ? [...strangers, often] : strangers
  })

const nothing = (runtime: InstanceRuntime): Guarded => ({ runtime, actions: [] })

function carryOut(plan: InstancePlan, runtime: InstanceRuntime, step: GuardianStep): Guarded {
  const actions: EngineAction[] = []
  if (step.changed === 'slowed') actions.push(say(plan, { level: 'warn', code: 'vip.lost-often', message: SLOWED }))
  if (step.changed === 'quiet') actions.push(say(plan, { level: 'info', code: 'vip.quiet', message: QUIET }))
  if (step.order === 'repair') actions.push({ kind: 'repair', instance: plan.name })
  return { runtime: { ...runtime, guardian: step.guardian }, actions }
}

function look(plan: InstancePlan, before: InstanceRuntime, seen: readonly SeenAddress[]): Guarded {
  const strangers = strangersAmong(plan, before, seen)
  const known = before.strangers.map(describe)
  const arrived = strangers.filter((each) => !known.includes(describe(each)))
  const left = before.strangers.filter((each) => !strangers.map(describe).includes(describe(each)))
  return {
    runtime: { ...before, strangers },
    actions: [
      ...arrived.map((each) => say(plan, { level: 'warn', code: 'vip.stranger', message: describeStranger(each) })),
      ...left.map((each) =>
        say(plan, { level: 'info', code: 'vip.stranger-gone', message: `${describe(each)} is gone, or haup's now` }),
      ),
    ],
  }
}

/** A master takes what stands in the place of its own for its own again, see `AddressPort.apply`. */
function strangersAmong(
  plan: InstancePlan,
  { router }: InstanceRuntime,
  seen: readonly SeenAddress[],
): readonly BoundAddress[] {
  return seen.flatMap((each) => {
    if (each.ours) return []
    const virtual = plan.bindings.find(({ address }) => address.address === each.address.address)
    const isOwnPlace = virtual?.interface === each.interface && virtual.address.length === each.address.length
    if (virtual === undefined || (router.phase.kind === 'master' && isOwnPlace)) return []
    return [{ interface: each.interface, address: each.address, label: undefined }]
  })
}

type Lost = Extract<EngineEvent, { readonly kind: 'address-lost' }>

type Said = Pick<LogRecord, 'level' | 'code' | 'message' | 'fields'>

function lost({ missing }: Lost, { slowed }: Guardian): Said {
  const what = missing.map(describe).join(' and ')
  const message = `somebody took ${what} away: putting it back`
  return { level: slowed ? 'debug' : 'warn', code: 'vip.lost', message }
}

function blame({ who, advice }: Culprit, { slowed }: Guardian): Said {
  const remedy = advice === undefined ? '' : `; to prevent it ${advice}`
  return { level: slowed ? 'debug' : 'warn', code: 'vip.lost-by', message: `it was ${who}${remedy}` }
}

const say = (plan: InstancePlan, record: Said): EngineAction => ({
  kind: 'log',
  record: { subject: plan.name, ...record },
})

const describe = ({ address, interface: name }: BoundAddress): string => `${formatPrefix(address)} on ${name}`

const describeStranger = (each: BoundAddress): string =>
  `${describe(each)} is not haup's: somebody else set it, and this box may answer for it whoever is MASTER; ` +
  `remove it: ip addr del ${formatPrefix(each.address)} dev ${each.interface}`

const RESTORED = 'its addresses are in place again and announced'
const SLOWED =
  `somebody takes its addresses away again and again (${QUICK_REPAIRS} times within ${toSeconds(WINDOW)} s): ` +
  'they are put back at most once a second from now on'
const QUIET = 'its addresses stay in place now: they would be put back at once again'
