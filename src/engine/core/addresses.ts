import type { Warning } from '../../control/messages.ts'
import { formatPrefix } from '../../shared/ip.ts'
import type { LogRecord } from '../../shared/log.ts'
import { formatDuration, minus } from '../../shared/units.ts'
import type { BoundAddress, Culprit } from '../ports.ts'
import { bindFailed } from './bind-retry.ts'
import {
  atRest,
  type Guardian,
  type GuardianStep,
  onLost,
  onRepaired,
  onRepairFailed,
  onTime,
  PAUSE,
  QUICK_REPAIRS,
  WINDOW,
} from './guardian.ts'
import { followSource, lookAtPlace, placeWarnings } from './source.ts'
import { lookForStrangers, strangerWarnings } from './strangers.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** PURE: what one instance makes of the addresses that this box has: missing ones, strangers, the one adverts come from. */

export type Guarded = { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] }

/** `successor` names a node that is alive and could serve; undefined: none is known. */
export function guardAddresses(
  { channel }: NodePlan,
  plan: InstancePlan,
  before: InstanceRuntime,
  event: EngineEvent,
  successor: () => string | undefined,
): Guarded {
  const isMaster = before.router.phase.kind === 'master'
  const hasChannel = channel !== undefined
  const sourced = followSource(plan, before, event, hasChannel)
  if (sourced !== undefined) return sourced
  const runtime = isMaster ? before : { ...before, guardian: atRest(before.guardian) }
  const { guardian } = runtime
  switch (event.kind) {
    case 'timer':
      return carryOut(plan, forgiven(runtime, event), onTime(guardian, event.now))
    case 'addresses':
      return lookAtPlace(plan, lookForStrangers(plan, runtime, event.seen), event, hasChannel, successor)
    case 'link':
      return lookAtPlace(plan, nothing(runtime), event, hasChannel, successor)
    case 'address-lost': {
      if (event.instance !== plan.name || !isMaster) return nothing(runtime)
      const heir = successor()
      const step = onLost(guardian, event.now, heir !== undefined)
      if (step.order === 'give-up' && heir !== undefined) return handOver(plan, runtime, step, heir, event)
      const done = carryOut(plan, runtime, step)
      return step.guardian === guardian
        ? done
        : { ...done, actions: [say(plan, lost(event, guardian)), ...done.actions] }
    }
    case 'culprit':
      return event.instance === plan.name
        ? {
            runtime: { ...runtime, guardian: { ...guardian, culprit: event.culprit } },
            actions: [say(plan, blame(event.culprit, guardian))],
          }
        : nothing(runtime)
    case 'repaired': {
      if (event.instance !== plan.name || guardian.phase.kind !== 'repairing') return nothing(runtime)
      const record = { level: guardian.slowed ? 'debug' : 'info', code: 'vip.restored', message: RESTORED } as const
      const done = carryOut(plan, runtime, onRepaired(guardian))
      return { ...done, actions: [say(plan, record), ...done.actions] }
    }
    case 'repair-failed': {
      if (event.instance !== plan.name || guardian.phase.kind !== 'repairing') return nothing(runtime)
      const step = onRepairFailed(guardian, event.now, successor() !== undefined)
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
    const often = { code: 'vip.lost-often', message: `${instance.name}: ${SLOWED}` }
    return [
      ...placeWarnings(instance, runtime),
      ...strangerWarnings(instance, runtime),
      ...(runtime.guardian.slowed ? [often] : []),
    ]
  })

const nothing = (runtime: InstanceRuntime): Guarded => ({ runtime, actions: [] })

function carryOut(plan: InstancePlan, runtime: InstanceRuntime, step: GuardianStep): Guarded {
  const actions: EngineAction[] = []
  if (step.changed === 'slowed') actions.push(say(plan, { level: 'warn', code: 'vip.lost-often', message: SLOWED }))
  if (step.changed === 'quiet') actions.push(say(plan, { level: 'info', code: 'vip.quiet', message: QUIET }))
  if (step.order === 'repair') actions.push({ kind: 'repair', instance: plan.name })
  return { runtime: { ...runtime, guardian: step.guardian }, actions }
}

/** Out, so that the other node claims at once; tried again later, after longer pauses each time. */
function handOver(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  { guardian }: GuardianStep,
  heir: string,
  { now }: EngineEvent,
): Guarded {
  const who = guardian.culprit?.who ?? 'somebody'
  const what = `${who} takes its addresses away again and again (${OFTEN})`
  const message = `${what}: stops putting them back, ${heir} can serve and takes over`
  return {
    runtime: bindFailed({ ...runtime, guardian, failedClaims: guardian.yields - 1 }, what, now),
    actions: [say(plan, { level: 'error', code: 'vip.given-up', message })],
  }
}

/** A master that has kept its addresses for a while starts afresh: what was before lengthens no pause any more. */
function forgiven(runtime: InstanceRuntime, { now }: EngineEvent): InstanceRuntime {
  const { guardian, peer, router } = runtime
  if (guardian.yields === 0 || router.phase.kind !== 'master' || peer.heldSince === undefined) return runtime
  const last = guardian.repairs.at(-1) ?? peer.heldSince
  const isCalm = minus(now, peer.heldSince) >= WINDOW && minus(now, last) >= WINDOW
  return isCalm ? { ...runtime, guardian: { ...guardian, yields: 0 } } : runtime
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

const RESTORED = 'its addresses are in place again and announced'
const OFTEN = `more than ${QUICK_REPAIRS} times within ${formatDuration(WINDOW)}`
const SLOWED =
  `somebody takes its addresses away again and again (${OFTEN}), and no other node is known that could serve: ` +
  `they are put back every ${formatDuration(PAUSE)} at most from now on`
const QUIET = 'its addresses stay in place now: they would be put back at once again'
