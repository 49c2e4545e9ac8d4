import { earliest, formatDuration, fromMillis, fromSeconds, type Micros, minus, plus, ZERO } from '../shared/units.ts'
import type { ProbeResult, ServiceConfig, ServicePhase, ServiceState, ServiceStep } from './types.ts'

/** When rounds of probes begin and when they are overdue; pure, part of `policy.ts`. */

/** The runner bounds a round by `timeout` and a little; this much later it is taken to be lost. */
const OVERDUE_GRACE = fromSeconds(2)
/** Between rounds while a restarted server is awaited: most are there at once, the others are looked at more rarely. */
const AT_ONCE = fromMillis(15)
const AT_ONCE_FOR = fromSeconds(1)
const QUICK = fromMillis(200)

/** After a bad answer the next look is sooner: a fault is to be seen twice, not for long. */
const LOOK_AGAIN = fromMillis(100)

export const againAfter = ({ interval }: ServiceConfig): Micros => earliest(interval, LOOK_AGAIN) ?? interval

export const isProbing = (phase: ServicePhase): boolean =>
  phase.kind === 'unknown' ||
  phase.kind === 'healthy' ||
  phase.kind === 'verifying' ||
  (phase.kind === 'failed' && phase.attempt === 'none')

export const overdueAt = (config: ServiceConfig, now: Micros): Micros => plus(now, plus(config.timeout, OVERDUE_GRACE))

export function quickInterval(config: ServiceConfig, since: Micros, now: Micros): Micros {
  const quick = minus(now, since) < AT_ONCE_FOR ? AT_ONCE : QUICK
  return earliest(config.interval, quick) ?? quick
}

/** A probe had no answer at all within its time. */
export const isHung = ({ timeout }: ServiceConfig, results: readonly ProbeResult[]): boolean =>
  results.some(({ ok, took, hung }) => !ok && (hung === true || took >= 0.9 * timeout))

/** Nothing to do until the next round. */
export const waitForRound = (state: ServiceState, now: Micros, interval: Micros): ServiceStep => ({
  state: { ...state, probeAt: plus(now, interval) },
  actions: [],
})

/** Begins a round if one is due and none is under way. */
export function startRound(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  if (state.round !== undefined || state.probeAt === undefined || state.probeAt > now) return { state, actions: [] }
  const round = { overdueAt: overdueAt(config, now), stale: false }
  return { state: { ...state, probeAt: undefined, round }, actions: [{ kind: 'probe' }] }
}

/** The answer of the round under way will not be asked for: what it saw is history. */
export const abandonRound = (state: ServiceState): ServiceState =>
  state.round === undefined ? state : { ...state, round: { ...state.round, stale: true } }

/** Stands for the results of a round that did not answer. */
export const unanswered = (config: ServiceConfig): ProbeResult => ({
  probe: 'probes',
  ok: false,
  detail: `no result ${formatDuration(overdueAt(config, ZERO))} after they were started`,
  took: overdueAt(config, ZERO),
})
