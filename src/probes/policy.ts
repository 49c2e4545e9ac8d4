import { assertNever } from '../shared/errors.ts'
import { earliest, type Micros, ZERO } from '../shared/units.ts'
import { badRound, describeFailure, telling } from './describe.ts'
import { onMainProcess } from './policy-main.ts'
import { alike, hurry, hurryAt, NOBODY, servesOthers } from './policy-others.ts'
import { onConfigTested, onRestarted, stayFailed, tryAgain, tryRemedy } from './policy-remedy.ts'
import {
  abandonRound,
  againAfter,
  isHung,
  isProbing,
  overdueAt,
  quickInterval,
  startRound,
  unanswered,
  waitForRound,
} from './policy-rounds.ts'
import { becomeHealthy, giveUp } from './policy-verdict.ts'
import type { Others, ServiceConfig, ServiceEvent, ServicePhase, ServiceState, ServiceStep } from './types.ts'

export { describeFailure, describeService, isSound, telling } from './describe.ts'

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
export function serviceTransition(
  config: ServiceConfig,
  state: ServiceState,
  event: ServiceEvent,
  others: () => Others = () => NOBODY,
): ServiceStep {
  return hurry(config, onEvent(config, state, event, others), event.now, others)
}

function onEvent(config: ServiceConfig, state: ServiceState, event: ServiceEvent, others: () => Others): ServiceStep {
  switch (event.kind) {
    case 'start':
    case 'timer':
      return onTimer(config, state, event.now)
    case 'look':
      return startRound(config, hasChoice(state) ? { ...state, probeAt: event.now } : state, event.now)
    case 'probed':
      return onProbed(config, state, event, others)
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
  yieldAt: undefined,
  restarts: [],
  main: { kind: 'polled', reason: 'not looked for yet' },
  mainSince: now,
})

/** The same state, with remedies paused or not: probes go on, verdicts too, and what is under way is not cut off. */
export const pauseRemedies = (state: ServiceState, paused: boolean): ServiceState =>
  state.paused === paused ? state : { ...state, paused }

/** When the next `timer` event is wanted; undefined while an answer is awaited that has no deadline here. */
export function serviceDeadline(state: ServiceState): Micros | undefined {
  const hurry = hurryAt(state)
  if (!isProbing(state.phase)) return hurry
  const until = state.phase.kind === 'verifying' ? state.phase.until : undefined
  return earliest(state.round === undefined ? state.probeAt : state.round.overdueAt, earliest(until, hurry))
}

/** A round may begin now or later. */
const hasChoice = ({ phase, round }: ServiceState): boolean =>
  round === undefined && (phase.kind === 'unknown' || phase.kind === 'healthy')

function onTimer(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const { phase, round } = state
  if (!isProbing(phase)) return { state, actions: [] }
  if (phase.kind === 'verifying' && phase.until <= now) return tryRemedy(config, abandonRound(state), now)
  if (round === undefined) return startRound(config, state, now)
  if (now < round.overdueAt) return { state, actions: [] }
  const counted = { ...state, round: { overdueAt: overdueAt(config, now), stale: true } }
  return judge(config, counted, { results: [unanswered(config)], now }, () => NOBODY)
}

type Probed = Pick<Extract<ServiceEvent, { readonly kind: 'probed' }>, 'results' | 'now'>

function onProbed(config: ServiceConfig, state: ServiceState, event: Probed, others: () => Others): ServiceStep {
  const { round } = state
  if (round === undefined) return { state, actions: [] }
  const free: ServiceState = { ...state, round: undefined }
  return round.stale || !isProbing(state.phase) ? { state: free, actions: [] } : judge(config, free, event, others)
}

function judge(
  config: ServiceConfig,
  before: ServiceState,
  { results, now }: Probed,
  others: () => Others,
): ServiceStep {
  const good = results.every((result) => result.ok)
  const state = { ...before, lastResults: results, downSince: good ? before.downSince : (before.downSince ?? now) }
  const { phase } = state
  switch (phase.kind) {
    case 'unknown':
    case 'healthy':
      return good ? becomeHealthy(config, state, now) : countFailure(config, state, phase, now, others)
    case 'verifying':
      return judgeRestarted(config, state, phase, now)
    case 'failed':
      // Workers without their main process answer for as long as they live, and nobody would replace them.
      return good && state.main.kind !== 'died'
        ? countSuccess(config, state, phase, now)
        : judgeFailed(config, state, phase, now, others)
    case 'testing-config':
    case 'restarting':
      return { state, actions: [] }
    default:
      return assertNever(phase)
  }
}

/** After a restart. What was yielded meanwhile is taken back only when it is as well as after any other failure. */
function judgeRestarted(
  config: ServiceConfig,
  state: ServiceState,
  phase: ServicePhase & { readonly kind: 'verifying' },
  now: Micros,
): ServiceStep {
  const bad = state.lastResults.find(({ ok }) => !ok)
  if (bad === undefined) {
    if (state.verdict !== 'failed') return becomeHealthy(config, state, now)
    const reason = { kind: 'repair', detail: 'restarted' } as const
    return countSuccess(config, state, { kind: 'failed', reason, successes: 0, retryAt: now, attempt: 'none' }, now)
  }
  if (now >= phase.until) return tryRemedy(config, state, now)
  // It is up again, and as wrong as before: patience does not help.
  const hasShown = bad.answered === true && state.yieldAt !== undefined
  const shown = hasShown ? { ...state, yieldAt: earliest(state.yieldAt, now) } : state
  return waitForRound(shown, now, quickInterval(config, state.since, now))
}

type Undecided = ServicePhase & { readonly kind: 'unknown' | 'healthy' }

function countFailure(
  config: ServiceConfig,
  state: ServiceState,
  phase: Undecided,
  now: Micros,
  others: () => Others,
): ServiceStep {
  const failures = phase.failures + 1
  const counted: ServiceState = { ...state, phase: { ...phase, failures } }
  if (failures >= config.fall) {
    const node = alike(state, others())
    if (node !== undefined) return stayAlike(config, counted, phase, node, now)
  }
  const next = failures < config.fall ? goOn(config, counted, now) : tryRemedy(config, counted, now)
  const notice = { kind: 'notice', text: badRound(config, state, failures) } as const
  return { state: next.state, actions: [notice, ...next.actions] }
}

/** What all servers answer is kept up: it is said once, and looked at again. Who has not begun to serve does not begin with it. */
function stayAlike(
  config: ServiceConfig,
  state: ServiceState,
  phase: Undecided,
  node: string,
  now: Micros,
): ServiceStep {
  const reason = { kind: 'alike', detail: telling(state), node } as const
  if (phase.kind === 'unknown') return giveUp(config, state, now, reason)
  const text = `neither restarted nor moved: ${describeFailure(reason)}`
  const isNews = phase.failures < config.fall
  const kept: ServiceState = { ...state, phase: { kind: 'healthy', failures: phase.failures + 1, alike: node } }
  return { state: waitForRound(kept, now, config.interval).state, actions: isNews ? [{ kind: 'notice', text }] : [] }
}

/** Where there was no answer the next round begins at once, unless the late one is still under way. */
function goOn(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const atOnce = state.round === undefined && isHung(config, state.lastResults)
  return startRound(config, waitForRound(state, now, atOnce ? ZERO : againAfter(config)).state, now)
}

type Failed = ServicePhase & { readonly kind: 'failed' }

function countSuccess(config: ServiceConfig, state: ServiceState, phase: Failed, now: Micros): ServiceStep {
  const successes = phase.successes + 1
  if (successes >= config.rise) return becomeHealthy(config, state, now)
  return waitForRound({ ...state, phase: { ...phase, successes } }, now, config.interval)
}

function judgeFailed(
  config: ServiceConfig,
  state: ServiceState,
  phase: Failed,
  now: Micros,
  others: () => Others,
): ServiceStep {
  const due = !state.paused && phase.retryAt !== undefined && phase.retryAt <= now
  return due && !servesOthers(config, state) && alike(state, others()) === undefined
    ? tryAgain(config, state, phase, now)
    : stayFailed(config, state, phase, now)
}
