import { earliest, fromSeconds, type Micros, minus, plus } from '../shared/units.ts'
import { describeFailure, goodRound, roughly } from './describe.ts'
import { waitForRound } from './policy-rounds.ts'
import type { FailureReason, ServiceAction, ServiceConfig, ServiceState, ServiceStep } from './types.ts'

/** The two ends of an outage: the steps of the policy that change what the engine is told. Pure. */

/** All probes pass (often enough): the next round is due after `interval`, the address may be held. */
export function becomeHealthy(config: ServiceConfig, state: ServiceState, now: Micros): ServiceStep {
  const text = describeRecovery(state, now)
  const actions: ServiceAction[] = []
  if (state.verdict !== 'good') actions.push({ kind: 'resume' })
  if (text !== undefined) actions.push({ kind: 'notice', text, calm: true })
  const next: ServiceState = {
    ...state,
    phase: { kind: 'healthy', failures: 0 },
    verdict: 'good',
    since: state.phase.kind === 'healthy' ? state.since : now,
    downSince: undefined,
    yieldAt: undefined,
  }
  return { state: waitForRound(next, now, config.interval).state, actions }
}

/** Says how long it was down; nothing where it was not. */
function describeRecovery(state: ServiceState, now: Micros): string | undefined {
  if (state.downSince === undefined) return undefined
  const outage = roughly(minus(now, state.downSince))
  if (state.phase.kind === 'verifying') return `restarted, back after ${outage}`
  return `good again after ${outage}: ${goodRound(state)}`
}

/** Whether a restart is ever tried: a method, and a budget that is not 0. */
export const mayRestart = (config: ServiceConfig): boolean =>
  config.restart.kind !== 'none' && config.budget.restarts > 0

/** A configuration is repaired by hand, and its test is cheap. */
const CONFIG_RETRY = fromSeconds(5)

/** When the next try is due after one that ended like this now: after the budget's window, or for a test alone soon. */
export const retryAfter = ({ budget }: ServiceConfig, reason: FailureReason, now: Micros): Micros =>
  plus(now, reason.kind === 'config' ? (earliest(budget.within, CONFIG_RETRY) ?? CONFIG_RETRY) : budget.within)

/** Yields the address; probes go on, and where restarts are allowed another try is due later, or when a pause ends. */
export function giveUp(config: ServiceConfig, state: ServiceState, now: Micros, reason: FailureReason): ServiceStep {
  const later = state.paused ? now : retryAfter(config, reason, now)
  const retryAt = mayRestart(config) ? later : undefined
  const next: ServiceState = {
    ...state,
    phase: { kind: 'failed', reason, successes: 0, retryAt, attempt: 'none' },
    verdict: 'failed',
    yieldAt: undefined,
    since: now,
  }
  const isKnown = state.verdict === 'failed'
  return {
    state: waitForRound(next, now, config.interval).state,
    actions: [isKnown ? { kind: 'notice', text: `given up: ${describeFailure(reason)}` } : { kind: 'yield', reason }],
  }
}
