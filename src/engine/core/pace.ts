import type { Warning } from '../../control/messages.ts'
import { formatDuration, fromSeconds, type Micros, micros, minus, ZERO } from '../../shared/units.ts'
import { indexOf } from './plan-index.ts'
import type { EngineAction, EngineEvent, NodePlan } from './types.ts'

/**
 * Whether this engine keeps up: an engine whose timers come late again and again speaks late, and the other nodes may take that
 * for its death. PURE. Looked at in periods, so that one stall is not told of as a lasting trouble.
 */
export type Pace = {
  /** When the present period began. */
  readonly since: Micros
  readonly timers: number
  readonly late: number
  readonly worst: Micros
  /** What the last period with late timers was like, while the engine is held to be behind. */
  readonly behind: string | undefined
}

const PERIOD = fromSeconds(10)
/** In one period: fewer are a stall, or the burst of a move. */
const LEAST_LATE = 5
const LATE_SHARE = 1 / 10
/** Part of what others wait to hear from it: a timer that is later than this was served by an engine that is starved. */
const LATE = 1 / 6

export const unknownPace: Pace = { since: ZERO, timers: 0, late: 0, worst: ZERO, behind: undefined }

/** A timer that is later than this came much too late: what was heard meanwhile may have waited as long. */
export const lateAfter = (plan: NodePlan): Micros =>
  micros(LATE * (plan.channel?.every ?? indexOf(plan).shortestInterval))

export function followPace(
  plan: NodePlan,
  pace: Pace,
  event: EngineEvent,
): { readonly pace: Pace; readonly actions: readonly EngineAction[] } {
  if (event.kind === 'start') return { pace: { ...unknownPace, since: event.now }, actions: [] }
  if (event.kind !== 'timer') return { pace, actions: [] }
  const { late = ZERO } = event
  const isLate = late > lateAfter(plan)
  const counted: Pace = {
    ...pace,
    timers: pace.timers + 1,
    late: pace.late + (isLate ? 1 : 0),
    worst: micros(Math.max(pace.worst, late)),
  }
  return minus(event.now, pace.since) < PERIOD ? { pace: counted, actions: [] } : endPeriod(counted, event.now)
}

function endPeriod(pace: Pace, now: Micros): ReturnType<typeof followPace> {
  const { since, timers, late, worst } = pace
  const next = { ...unknownPace, since: now }
  if (late >= LEAST_LATE && late >= LATE_SHARE * timers) {
    const behind = `${late} of ${timers} timers of the last ${formatDuration(minus(now, since))} were late, by up to ${formatDuration(worst)}`
    return {
      pace: { ...next, behind },
      actions: pace.behind === undefined ? [tell('warn', CODE, describe(behind))] : [],
    }
  }
  // One calm period is none when a few were late in it.
  const isOver = pace.behind !== undefined && late === 0
  if (!isOver) return { pace: { ...next, behind: pace.behind }, actions: [] }
  return {
    pace: next,
    actions: [tell('info', 'engine.keeps-up', 'this engine keeps up again: its timers come in time')],
  }
}

const CODE = 'engine.behind'

const describe = (behind: string): string =>
  `this engine cannot keep up (${behind}): others may take it for dead, or close the addresses that it serves. Give it processor time (CPUQuota, the load of this box), fewer instances, or a longer advert_interval on all nodes`

const tell = (level: 'warn' | 'info', code: string, message: string): EngineAction => ({
  kind: 'log',
  record: { level, subject: 'haup', code, message },
})

/** For `haup status`. */
export const paceWarnings = ({ behind }: Pace): readonly Warning[] =>
  behind === undefined ? [] : [{ code: CODE, message: describe(behind) }]
