import { formatDuration, fromSeconds, type Micros, minus, plus } from '../../shared/units.ts'
import { type Bucket, draw, type Pace } from './bucket.ts'
import type { Display, EngineAction, InstancePlan, InstanceRuntime } from './types.ts'

/** Log lines for changes of state: all of them in calm times, few when the state flaps, whatever makes it do so. PURE. */

/** For each kind of change: a box whose state flaps still says why it stops. */
const PACE: Pace = { burst: 10, every: fromSeconds(60) }
/** What had no line is summed up so long after the first of it. */
const SUMMED_AFTER = fromSeconds(60)

export type StateLines = {
  readonly kinds: ReadonlyMap<string, Bucket>
  /** Changes that had no line since the last one that had. */
  readonly hushed: { readonly count: number; readonly since: Micros } | undefined
}

export const noStateLines: StateLines = { kinds: new Map(), hushed: undefined }

/** `text`: what the line of a change has to end with; undefined: it has none. */
export type StateSaying = { readonly runtime: InstanceRuntime; readonly text: string | undefined }

export function sayState(runtime: InstanceRuntime, kind: string, now: Micros): StateSaying {
  const { kinds, hushed } = runtime.stateLines
  const { bucket, paid } = draw(kinds.get(kind), PACE, now)
  const lines = new Map(kinds).set(kind, bucket)
  if (paid) return { runtime: withLines(runtime, { kinds: lines, hushed: undefined }), text: afterHushed(hushed) }
  const more = { count: (hushed?.count ?? 0) + 1, since: hushed?.since ?? now }
  return { runtime: withLines(runtime, { kinds: lines, hushed: more }), text: undefined }
}

const afterHushed = (hushed: StateLines['hushed']): string =>
  hushed === undefined ? '' : ` (after ${hushed.count} changes of state that have no line)`

const withLines = (runtime: InstanceRuntime, stateLines: StateLines): InstanceRuntime => ({ ...runtime, stateLines })

/** When what had no line is summed up. */
export const summedUpAt = ({ stateLines: { hushed } }: InstanceRuntime): Micros | undefined =>
  hushed === undefined ? undefined : plus(hushed.since, SUMMED_AFTER)

/**
 * The line for a change of what is shown that no change of the router told of (a failed service, a socket, an interface),
 * and the one that sums up those which had none.
 */
export function tellDisplay(
  { name }: InstancePlan,
  before: Display,
  runtime: InstanceRuntime,
  done: readonly EngineAction[],
  now: Micros,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const summed = sumUp(name, runtime, now)
  const { display: after } = runtime
  const isTold = done.some(
    (each) => each.kind === 'router' && each.instance === name && each.action.kind === 'state-change',
  )
  if (before.state === after.state || isTold) return summed
  const saying = sayState(summed.runtime, `shown ${after.state}`, now)
  if (saying.text === undefined) return { runtime: saying.runtime, actions: summed.actions }
  const level = after.state === 'FAULT' ? 'error' : 'info'
  const message = `${before.state} -> ${after.state}: ${after.reason}${saying.text}`
  const fields = { from: before.state, to: after.state }
  const record = { level, subject: name, code: 'instance.state', message, fields } as const
  return { runtime: saying.runtime, actions: [...summed.actions, { kind: 'log', record }] }
}

function sumUp(name: string, runtime: InstanceRuntime, now: Micros) {
  const { hushed } = runtime.stateLines
  const at = summedUpAt(runtime)
  if (hushed === undefined || at === undefined || now < at) return { runtime, actions: [] }
  const { state, reason } = runtime.display
  const span = formatDuration(minus(now, hushed.since))
  const message = `the state flaps: ${hushed.count} changes in ${span} have no line; ${state} now: ${reason}`
  const record = { level: 'warn', subject: name, code: 'instance.flaps', message, fields: { to: state } } as const
  const action: EngineAction = { kind: 'log', record }
  return { runtime: withLines(runtime, { ...runtime.stateLines, hushed: undefined }), actions: [action] }
}
