import type { NotifyConfig, NotifyState } from '../../config/types.ts'
import type { InstanceState } from '../../control/messages.ts'
import type { Micros } from '../../shared/units.ts'
import { participation } from './participation.ts'
import type { EngineState, InstancePlan, NodePlan } from './types.ts'

/** Which commands are told of a change of state, and in which order they wait. PURE. */

export type NotifyCommand = {
  readonly instance: string
  readonly state: NotifyState
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly timeout: Micros
  readonly user: string | undefined
}

/** How many commands may wait; a change of state adds four at most. */
export const MOST_WAITING = 64

/** Commands for what changed between two states of the engine. */
export function notifyChanges(plan: NodePlan, before: EngineState, after: EngineState): readonly NotifyCommand[] {
  return plan.instances.flatMap((instance) => {
    const shown = after.instances.get(instance.name)?.display.state
    if (shown === undefined || shown === before.instances.get(instance.name)?.display.state) return []
    const state = TOLD[shown]
    return state === undefined ? [] : commandsFor(instance, state, after)
  })
}

/** Commands for the end of the engine. */
export const notifyStop = (plan: NodePlan, state: EngineState): readonly NotifyCommand[] =>
  plan.instances.flatMap((instance) => commandsFor(instance, 'stop', state))

/** Adds to the commands that wait. When there are too many, the oldest go: the newest say how things are. */
export function enqueue(
  waiting: readonly NotifyCommand[],
  added: readonly NotifyCommand[],
): { readonly waiting: readonly NotifyCommand[]; readonly dropped: readonly NotifyCommand[] } {
  const all = [...waiting, ...added]
  const surplus = Math.max(0, all.length - MOST_WAITING)
  return { waiting: all.slice(surplus), dropped: all.slice(0, surplus) }
}

/** `MASTER of www` */
export const describeChange = ({ instance, state }: NotifyCommand): string => `${state.toUpperCase()} of ${instance}`

/** INIT is passing: nobody is told. An engine that stops shows it too, and tells of the stop at its end. */
const TOLD: Readonly<Record<InstanceState, NotifyState | undefined>> = {
  INIT: undefined,
  MASTER: 'master',
  BACKUP: 'backup',
  FAULT: 'fault',
}

function commandsFor(plan: InstancePlan, state: NotifyState, engine: EngineState): readonly NotifyCommand[] {
  const runtime = engine.instances.get(plan.name)
  const priority = String(
    runtime === undefined ? plan.basePriority : participation(plan, runtime, engine.services).priority,
  )
  const shown = state.toUpperCase()
  const env = { HAUP_INSTANCE: plan.name, HAUP_STATE: shown, HAUP_PRIORITY: priority }
  return plan.notify.flatMap((notify) =>
    argvsOf(notify, state, ['INSTANCE', plan.name, shown, priority]).map((argv) => ({
      ...{ instance: plan.name, state, argv, env },
      ...{ timeout: notify.timeout, user: notify.user },
    })),
  )
}

/** keepalived's order: the command of this state, then the one for all states with its arguments. */
const argvsOf = ({ on, any }: NotifyConfig, state: NotifyState, appended: readonly string[]) =>
  [on[state], any === undefined ? undefined : [...any, ...appended]].filter((argv) => argv !== undefined)
