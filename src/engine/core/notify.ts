import type { NotifyConfig, NotifyState } from '../../config/types.ts'
import type { InstanceState } from '../../control/messages.ts'
import { earliest, fromSeconds, type Micros } from '../../shared/units.ts'
import { type Bucket, draw, type Pace, payableAt } from './bucket.ts'
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

/** The commands that are told of one change, one after the other. */
export type NotifyChange = {
  readonly instance: string
  readonly about: 'state' | 'redundancy'
  readonly commands: readonly NotifyCommand[]
}

/** How often changes of one instance are told: a state that flaps must not keep the box busy with commands. */
const PACE: Pace = { burst: 5, every: fromSeconds(1) }

/** Commands for what changed between two states of the engine. */
export function notifyChanges(plan: NodePlan, before: EngineState, after: EngineState): readonly NotifyChange[] {
  return plan.instances.flatMap((instance) => {
    const [was, is] = [before.instances.get(instance.name), after.instances.get(instance.name)]
    if (is === undefined) return []
    const shown = is.display.state === was?.display.state ? undefined : TOLD[is.display.state]
    const lost = is.redundancy.told
    const redundancy = lost === (was?.redundancy.told ?? false) ? undefined : lost ? LOST : BACK
    return [shown, redundancy].flatMap((state) => (state === undefined ? [] : changeOf(instance, state, after)))
  })
}

const LOST: NotifyState = 'redundancy_lost'
const BACK: NotifyState = 'redundancy_back'

/** Commands for the end of the engine. */
export const notifyStop = (plan: NodePlan, state: EngineState): readonly NotifyChange[] =>
  plan.instances.flatMap((instance) => changeOf(instance, 'stop', state))

/** Changes that wait, of each instance one of its state and one of its redundancy at most: the newest says how things are. It takes the place of the one before. */
export function enqueue(
  waiting: readonly NotifyChange[],
  added: readonly NotifyChange[],
): { readonly waiting: readonly NotifyChange[]; readonly dropped: readonly NotifyChange[] } {
  const keyOf = ({ instance, about }: NotifyChange): string => `${about} ${instance}`
  const newest = new Map(waiting.map((each) => [keyOf(each), each]))
  const dropped: NotifyChange[] = []
  for (const change of added) {
    const before = newest.get(keyOf(change))
    if (before !== undefined) dropped.push(before)
    newest.set(keyOf(change), change)
  }
  return { waiting: [...newest.values()], dropped }
}

export type NotifyPaces = ReadonlyMap<string, Bucket>

/** The next change to be told, and when to look again if none may be now. */
export function nextChange(
  waiting: readonly NotifyChange[],
  paces: NotifyPaces,
  now: Micros,
):
  | { readonly change: NotifyChange; readonly waiting: readonly NotifyChange[]; readonly paces: NotifyPaces }
  | { readonly change: undefined; readonly again: Micros | undefined } {
  let again: Micros | undefined
  for (const change of waiting) {
    const { bucket, paid } = draw(paces.get(change.instance), PACE, now)
    if (paid) {
      const others = waiting.filter((each) => each !== change)
      return { change, waiting: others, paces: new Map(paces).set(change.instance, bucket) }
    }
    again = earliest(again, payableAt(bucket, PACE))
  }
  return { change: undefined, again }
}

const wordOf = (state: NotifyState): string => state.toUpperCase().replace('_', ' ')

/** `MASTER of www` */
export const describeChange = ({ instance, state }: NotifyCommand): string => `${wordOf(state)} of ${instance}`

/** INIT is passing: nobody is told. An engine that stops shows it too, and tells of the stop at its end. */
const TOLD: Readonly<Record<InstanceState, NotifyState | undefined>> = {
  INIT: undefined,
  MASTER: 'master',
  BACKUP: 'backup',
  FAULT: 'fault',
}

function changeOf(plan: InstancePlan, state: NotifyState, engine: EngineState): readonly NotifyChange[] {
  const runtime = engine.instances.get(plan.name)
  const priority = String(
    runtime === undefined ? plan.basePriority : participation(plan, runtime, engine.services).priority,
  )
  const shown = state.toUpperCase()
  const env = { HAUP_INSTANCE: plan.name, HAUP_STATE: shown, HAUP_PRIORITY: priority }
  const commands = plan.notify.flatMap((notify) =>
    argvsOf(notify, state, ['INSTANCE', plan.name, shown, priority]).map((argv) => ({
      ...{ instance: plan.name, state, argv, env },
      ...{ timeout: notify.timeout, user: notify.user },
    })),
  )
  const about = state === LOST || state === BACK ? 'redundancy' : 'state'
  return commands.length === 0 ? [] : [{ instance: plan.name, about, commands }]
}

/** keepalived's order: the command of this state, then the one for all states with its arguments, which knows no other. */
const argvsOf = ({ on, any }: NotifyConfig, state: NotifyState, appended: readonly string[]) =>
  [on[state], any === undefined || state === LOST || state === BACK ? undefined : [...any, ...appended]].filter(
    (argv) => argv !== undefined,
  )
