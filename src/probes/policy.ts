import { assertNever } from '../shared/errors.ts'
import { earliest, type Micros, ZERO } from '../shared/units.ts'
import { badRound } from './describe.ts'
import { onMainProcess } from './policy-main.ts'
import { onConfigTested, onRestarted, stayFailed, tryAgain, tryRemedy } from './policy-remedy.ts'
import {
  abandonRound,
  isHung,
  isProbing,
  overdueAt,
  quickInterval,
  startRound,
  unanswered,
  waitForRound,
} from './policy-rounds.ts'
import { becomeHealthy } from './policy-verdict.ts'
import type { ProbeResult, ServiceConfig, ServiceEvent, ServicePhase, ServiceState, ServiceStep } from './types.ts'

export { describeFailure, describeService } from './describe.ts'

/**
 * Restart, then yield: what is done about a web server, decided from the results of its probes. Pure: time comes with
 * the events, deadlines are data (`serviceDeadline`), a late or early timer changes nothing.
 *
 *   unknown --good--> healthy --`fall` bad--> testing-config --ok--> restarting --ok--> verifying --good--> healthy
 *      \------------`fall` bad-----------------/   | broken             | failed            | `settle` over: restart
 *                                                  v                    v                   v again, or
 *                                               failed (yielded) <--------------------------- budget used up
 *                                               failed --`rise` good--> healthy (resumed)
 *
 * At most one round of probes, and at most one test or restart, is under way. An answer that nobody waits for any more
 * is ignored. The end of the main process, where it is watched, is as good as `fall` bad rounds. A round that never answers counts as bad at its own deadline; the next one starts when it has answered.
 */
export function serviceTransition(config: ServiceConfig, state: ServiceState, event: ServiceEvent): ServiceStep {
  switch (event.kind) {
    case 'start':
    case 'timer':
      return onTimer(config, state, event.now)
    case 'probed':
      return onProbed(config, state, event.results, event.now)
    case 'config-tested':
      return onConfigTested(config, state, event.outcome, event.now)
    case 'restarted':
      return onRestarted(config, state, event.outcome, event.now)
    case 'main-process':
      return onMainProcess(config, state, event.main, event.now)
    default:
      return assertNever(event)
  }
}

/** Before `start`: the first round is due at once. */
export const initialService = (_config: ServiceConfig, now: Micros): ServiceState => ({
  phase: { kind: 'unknown', failures: 0 },
  verdict: 'unknown',
  since: now,
  probeAt: now,
  round: undefined,
  downSince: undefined,
  lastResults: [],
  paused: false,
  restarts: [],
  main: { kind: 'polled', reason: 'not looked for yet' },
  mainSince: now,
})

/** The same state, with remedies paused or not: probes go on, verdicts too, and what is under way is not cut off. */
export const pauseRemedies = (state: ServiceState, paused: boolean): ServiceState =>
  state.paused === paused ? state : { ...state, paused }

/** When the next `timer` event is wanted; undefined while an answer is awaited that has no deadline here. */
export function serviceDeadline(state: ServiceState): Micros | undefined {
  if (!isProbing(state.phase)) return undefined
  const until = state.phase.kind === 'verifying' ? state.phase.until : undefined
  return earliest(state.round === undefined ? state.probeAt : state.round.overdueAt, until)
}

function onTimer(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const { phase, round } = state
  if (!isProbing(phase)) return { state, actions: [] }
  if (phase.kind === 'verifying' && phase.until <= now) return tryRemedy(config, abandonRound(state), now)
  if (round === undefined) return startRound(config, state, now)
  if (now < round.overdueAt) return { state, actions: [] }
  const counted = { ...state, round: { overdueAt: overdueAt(config, now), stale: true } }
  return judge(config, counted, [unanswered(config)], now)
}

function onProbed(
  config: ServiceConfig,
  state: ServiceState,
  results: readonly ProbeResult[],
  now: Micros,
): ServiceStep {
  const { round } = state
  if (round === undefined) return { state, actions: [] }
  const free: ServiceState = { ...state, round: undefined }
  return round.stale || !isProbing(state.phase) ? { state: free, actions: [] } : judge(config, free, results, now)
}

function judge(config: ServiceConfig, before: ServiceState, results: readonly ProbeResult[], now: Micros): ServiceStep {
  const good = results.every((result) => result.ok)
  const state = { ...before, lastResults: results, downSince: good ? before.downSince : (before.downSince ?? now) }
  const { phase } = state
  switch (phase.kind) {
    case 'unknown':
    case 'healthy':
      return good ? becomeHealthy(config, state, now) : countFailure(config, state, phase, now)
    case 'verifying':
      if (good) return becomeHealthy(config, state, now)
      return now < phase.until
        ? waitForRound(state, now, quickInterval(config, state.since, now))
        : tryRemedy(config, state, now)
    case 'failed':
      return good ? countSuccess(config, state, phase, now) : judgeFailed(config, state, phase, now)
    case 'testing-config':
    case 'restarting':
      return { state, actions: [] }
    default:
      return assertNever(phase)
  }
}

function countFailure(
  config: ServiceConfig,
  state: ServiceState,
  phase: ServicePhase & { readonly kind: 'unknown' | 'healthy' },
  now: Micros,
): ServiceStep {
  const failures = phase.failures + 1
  const counted: ServiceState = { ...state, phase: { ...phase, failures } }
  const next = failures < config.fall ? goOn(config, counted, now) : tryRemedy(config, counted, now)
  const notice = { kind: 'notice', text: badRound(config, state, failures) } as const
  return { state: next.state, actions: [notice, ...next.actions] }
}

/** Where there was no answer the next round begins at once, unless the late one is still under way. */
function goOn(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const atOnce = state.round === undefined && isHung(config, state.lastResults)
  return startRound(config, waitForRound(state, now, atOnce ? ZERO : config.interval).state, now)
}

type Failed = ServicePhase & { readonly kind: 'failed' }

function countSuccess(config: ServiceConfig, state: ServiceState, phase: Failed, now: Micros): ServiceStep {
  const successes = phase.successes + 1
  if (successes >= config.rise) return becomeHealthy(config, state, now)
  return waitForRound({ ...state, phase: { ...phase, successes } }, now, config.interval)
}

function judgeFailed(config: ServiceConfig, state: ServiceState, phase: Failed, now: Micros): ServiceStep {
  const due = !state.paused && phase.retryAt !== undefined && phase.retryAt <= now
  return due ? tryAgain(config, state, phase, now) : stayFailed(config, state, phase, now)
}
