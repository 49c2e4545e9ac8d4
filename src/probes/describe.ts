import { assertNever } from '../shared/errors.ts'
import { formatDuration, fromSeconds, type Micros, micros, minus, toSeconds } from '../shared/units.ts'
import type { FailureReason, ProbeResult, ServiceConfig, ServiceState } from './types.ts'

/** Why a service was given up, as one clause for logs, `status` and `why`. */
export function describeFailure(reason: FailureReason): string {
  switch (reason.kind) {
    case 'probe':
      return reason.detail
    case 'config':
      return `its configuration test failed: ${reason.line}`
    case 'repair':
      return `${reason.detail}; another node serves while it is repaired`
    case 'alike':
      return `${reason.detail}, the same on ${reason.node}: look at what both depend on`
    case 'restart-failed':
      return `the restart failed: ${reason.line}`
    case 'budget':
      return `${countRestarts(reason.restarts)} within ${formatDuration(reason.within)} did not help: ${reason.detail}`
    default:
      return assertNever(reason)
  }
}

/** It has passed its last probes: nothing is wrong with it, and nothing is being tried. */
export const isSound = ({ verdict, phase }: ServiceState): boolean =>
  verdict === 'good' && phase.kind === 'healthy' && phase.failures === 0

/** The words of `status` for a service. */
export type ServiceWord = 'UNKNOWN' | 'HEALTHY' | 'FAILING' | 'TESTING' | 'RESTARTING' | 'VERIFYING' | 'FAILED'

export type DescribedService = { readonly state: ServiceWord; readonly reason: string }

/** State and reason as `status` shows them. FAILED as long as the address is yielded, also while it is tried again, or is kept since no node does better. */
export function describeService(config: ServiceConfig, state: ServiceState, now: Micros): DescribedService {
  const described = describePhase(config, state, now)
  return state.paused ? { ...described, reason: `${described.reason}; remedies paused: handed over` } : described
}

function describePhase(config: ServiceConfig, state: ServiceState, now: Micros): DescribedService {
  const { phase } = state
  switch (phase.kind) {
    case 'unknown':
      return {
        state: 'UNKNOWN',
        reason: phase.failures === 0 ? 'not probed yet' : badRound(config, state, phase.failures),
      }
    case 'healthy':
      if (phase.failures === 0) return { state: 'HEALTHY', reason: goodRound(state) }
      return phase.alike !== undefined
        ? { state: 'FAILED', reason: describeFailure({ kind: 'alike', detail: telling(state), node: phase.alike }) }
        : { state: 'FAILING', reason: badRound(config, state, phase.failures) }
    case 'testing-config':
      return { state: 'TESTING', reason: `${telling(state)}; ${testing(config)} before a restart` }
    case 'restarting':
      return { state: 'RESTARTING', reason: `${telling(state)}; ${describeRestart(config, state)}` }
    case 'verifying':
      return {
        state: 'VERIFYING',
        reason: `${describeRestart(config, state)} is done; it has ${formatDuration(config.settle)} to pass its probes`,
      }
    case 'failed':
      return { state: 'FAILED', reason: `${describeFailure(phase.reason)}${describeRecovery(config, state, now)}` }
    default:
      return assertNever(phase)
  }
}

/** `http 127.0.0.1/: connection refused`: the first probe that failed. */
export function telling(state: { readonly lastResults: readonly ProbeResult[] }): string {
  const bad = state.lastResults.find((result) => !result.ok)
  return bad === undefined ? 'no probe has failed' : `${bad.probe}: ${bad.detail}`
}

/** `http 127.0.0.1/: connection refused (2 of 3)`. */
export const badRound = (config: ServiceConfig, state: ServiceState, failures: number): string =>
  `${telling(state)} (${failures} of ${config.fall})`

/** `http 127.0.0.1/: 200 in 3.1ms`, or how many probes pass. */
export function goodRound(state: ServiceState): string {
  const [first, ...others] = state.lastResults
  if (first === undefined) return 'no probes are configured'
  return others.length === 0 ? `${first.probe}: ${first.detail}` : `all ${others.length + 1} probes pass`
}

/** `restart 1 of 2 within 10m 0s`: the restart that was asked for last. */
export const describeRestart = (config: ServiceConfig, state: ServiceState): string =>
  `restart ${state.restarts.length} of ${config.budget.restarts} within ${formatDuration(config.budget.within)}`

/** A span in whole milliseconds: more would pretend a precision that rounds of probes do not have. */
export const roughly = (span: Micros): string => formatDuration(micros(Math.round(span / 1_000) * 1_000))

const countRestarts = (count: number): string => (count === 1 ? '1 restart' : `${count} restarts`)

const testing = (config: ServiceConfig): string =>
  config.configTest === undefined ? 'testing the configuration' : `running "${config.configTest.join(' ')}"`

function describeRecovery(config: ServiceConfig, { phase, paused }: ServiceState, now: Micros): string {
  if (phase.kind !== 'failed') return ''
  switch (phase.attempt) {
    case 'testing-config':
      return `; ${testing(config)} before another restart`
    case 'restarting':
      return '; being restarted once more'
    case 'none':
      if (phase.successes > 0) return `; passing again (${phase.successes} of ${config.rise})`
      return phase.retryAt === undefined || paused ? '' : `; ${describeRetry(phase.reason, minus(phase.retryAt, now))}`
    default:
      return assertNever(phase.attempt)
  }
}

function describeRetry({ kind }: FailureReason, left: Micros): string {
  const what = kind === 'config' ? 'tested again' : 'tried again'
  const when = left > 0 ? `in ${formatDuration(fromSeconds(Math.ceil(toSeconds(left))))}` : 'after the next bad round'
  return `${what} ${when}`
}
