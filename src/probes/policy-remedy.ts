import { type Micros, minus, plus } from '../shared/units.ts'
import { describeFailure, describeRestart, telling } from './describe.ts'
import { servesOthers } from './policy-others.ts'
import { startRound, waitForRound } from './policy-rounds.ts'
import { giveUp, mayRestart, retryAfter } from './policy-verdict.ts'
import type {
  CommandOutcome,
  FailureReason,
  ServiceAction,
  ServiceConfig,
  ServicePhase,
  ServiceState,
  ServiceStep,
} from './types.ts'

/** What is tried against a failing service, and what follows from how that ended. Pure, part of `policy.ts`. */

type Failed = ServicePhase & { readonly kind: 'failed' }

/**
 * `fall` is reached, or a restart has not helped within `settle`. Where no restart can follow, the address is given up
 * at once and the configuration is not tested: that test only decides about a restart. The same while it is paused.
 */
export function tryRemedy(config: ServiceConfig, before: ServiceState, now: Micros): ServiceStep {
  const detail = telling(before)
  const state = before.phase.kind === 'verifying' ? before : { ...before, yieldAt: plus(now, config.patience) }
  const { restarts, within } = config.budget
  if (!mayRestart(config) || state.paused) return giveUp(config, state, now, { kind: 'probe', detail })
  if (servesOthers(config, state)) return giveUp(config, state, now, { kind: 'probe', detail: `${detail}; ${SERVES}` })
  if (!hasRoom(config, state, now)) return giveUp(config, state, now, { kind: 'budget', restarts, within, detail })
  if (config.configTest === undefined || state.phase.kind === 'verifying') return restart(config, state, now)
  const next: ServiceState = { ...state, phase: { kind: 'testing-config' }, since: now, probeAt: undefined }
  return { state: next, actions: [{ kind: 'test-config' }] }
}

const SERVES = 'not restarted, since it answers other probes well'

/** Given up, and still bad at `retryAt`: one more try, which nobody is told of unless the reason changes. */
export function tryAgain(config: ServiceConfig, state: ServiceState, phase: Failed, now: Micros): ServiceStep {
  const next: Failed = { ...phase, successes: 0, retryAt: retryAfter(config, phase.reason, now) }
  if (config.configTest === undefined) return restartAgain(config, state, next, now)
  return {
    state: { ...state, phase: { ...next, attempt: 'testing-config' }, probeAt: undefined },
    actions: [{ kind: 'test-config' }],
  }
}

export function onConfigTested(
  config: ServiceConfig,
  state: ServiceState,
  outcome: CommandOutcome,
  now: Micros,
): ServiceStep {
  const { phase } = state
  const broken = { kind: 'config', line: outcome.line } as const
  if (phase.kind === 'testing-config') {
    if (isReplaced(state)) return verify(config, state, now)
    if (!outcome.ok) return giveUp(config, state, now, broken)
    return state.paused ? giveUp(config, state, now, probesFail(state)) : restart(config, state, now)
  }
  if (phase.kind !== 'failed' || phase.attempt !== 'testing-config') return { state, actions: [] }
  if (!outcome.ok) {
    return stayFailed(config, state, { ...phase, retryAt: retryAfter(config, broken, now) }, now, broken)
  }
  const known = changeReason(phase, phase.reason.kind === 'config' ? probesFail(state) : phase.reason)
  if (state.paused) return stayFailed(config, state, { ...phase, retryAt: now }, now, known.phase.reason)
  const step = restartAgain(config, state, known.phase, now)
  return { state: step.state, actions: [...known.actions, ...step.actions] }
}

export function onRestarted(
  config: ServiceConfig,
  state: ServiceState,
  outcome: CommandOutcome,
  now: Micros,
): ServiceStep {
  const { phase } = state
  const failed = { kind: 'restart-failed', line: outcome.line } as const
  if (phase.kind === 'restarting') {
    if (!outcome.ok) return giveUp(config, state, now, failed)
    return verify(config, state, now)
  }
  if (phase.kind !== 'failed' || phase.attempt !== 'restarting') return { state, actions: [] }
  if (!outcome.ok) return stayFailed(config, state, phase, now, failed)
  const known = changeReason(phase, phase.reason.kind === 'budget' ? phase.reason : probesFail(state))
  const step = startRound(config, { ...state, phase: { ...known.phase, attempt: 'none' }, probeAt: now }, now)
  return { state: step.state, actions: [...known.actions, ...step.actions] }
}

/** Goes on probing; a notice only when the reason is another one than before. */
export function stayFailed(
  config: ServiceConfig,
  state: ServiceState,
  phase: Failed,
  now: Micros,
  reason: FailureReason = phase.reason,
): ServiceStep {
  const known = changeReason(phase, reason)
  const next: ServiceState = { ...state, phase: { ...known.phase, successes: 0, attempt: 'none' } }
  return { state: waitForRound(next, now, config.interval).state, actions: known.actions }
}

/** Somebody else was faster: a new main process runs since the test began, which a restart would only end. */
const isReplaced = ({ main, mainSince, since }: ServiceState): boolean => main.kind === 'watched' && mainSince > since

function verify(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const until = plus(now, config.settle)
  return startRound(config, { ...state, phase: { kind: 'verifying', until }, since: now, probeAt: now }, now)
}

function restart(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const next: ServiceState = {
    ...state,
    phase: { kind: 'restarting' },
    since: now,
    probeAt: undefined,
    restarts: [...recentRestarts(config, state, now), now],
  }
  return { state: next, actions: [{ kind: 'restart', text: describeRestart(config, next) }] }
}

function restartAgain(config: ServiceConfig, state: ServiceState, phase: Failed, now: Micros): ServiceStep {
  const retryAt = plus(now, config.budget.within)
  if (!hasRoom(config, state, now)) return stayFailed(config, state, { ...phase, retryAt }, now)
  const { state: next, actions } = restart(config, state, now)
  return { state: { ...next, phase: { ...phase, retryAt, attempt: 'restarting' }, since: state.since }, actions }
}

/** Restarts younger than the budget's window. */
const recentRestarts = (config: ServiceConfig, state: ServiceState, now: Micros): readonly Micros[] =>
  state.restarts.filter((at) => minus(now, at) < config.budget.within)

const hasRoom = (config: ServiceConfig, state: ServiceState, now: Micros): boolean =>
  recentRestarts(config, state, now).length < config.budget.restarts

const probesFail = (state: ServiceState): FailureReason => ({ kind: 'probe', detail: telling(state) })

function changeReason(
  phase: Failed,
  reason: FailureReason,
): { readonly phase: Failed; readonly actions: readonly ServiceAction[] } {
  const text = describeFailure(reason)
  if (text === describeFailure(phase.reason)) return { phase, actions: [] }
  return { phase: { ...phase, reason }, actions: [{ kind: 'notice', text: `still failed: ${text}` }] }
}
