import { sendControl } from '../../control/client.ts'
import type { ControlRequest, FailoverOutcome } from '../../control/messages.ts'
import { type ControlFailure, isInstanceName, isNodeName, MAX_HOLD_MS } from '../../control/parse.ts'
import { EXIT, type ExitCode, UserError } from '../../shared/errors.ts'
import { printable } from '../../shared/log.ts'
import { parseDuration, toMillis } from '../../shared/units.ts'
import { onceStarted } from './once-started.ts'

export type FailoverOptions = {
  readonly runDir: string
  /** Empty = all that this node holds. */
  readonly instances: readonly string[]
  /** As typed: `10m`; undefined = until `--back`. */
  readonly hold: string | undefined
  readonly back: boolean
  /** The node that is to take over; undefined = the best one. */
  readonly to: string | undefined
  /** Let go also when it is known that nobody could take over. */
  readonly force: boolean
}

export type FailoverResult = { readonly outcomes: readonly FailoverOutcome[]; readonly exitCode: ExitCode }

/** Hands instances over, or takes part again. Throws UserError for what cannot be asked and for what is refused. */
export async function requestFailover(options: FailoverOptions): Promise<FailoverResult> {
  const request = buildRequest(options)
  const response = await onceStarted(() => sendControl(options.runDir, request))
  if (!response.ok) throw refused(response)
  if (!('outcomes' in response)) throw new Error('the engine answered another question')
  return { outcomes: response.outcomes, exitCode: exitCodeOf(response.outcomes) }
}

function buildRequest({ instances, hold, back, to, force }: FailoverOptions): ControlRequest {
  const wrong = instances.find((name) => !isInstanceName(name))
  if (wrong !== undefined)
    throw usage(`"${printable(wrong, 60)}" cannot be the name of an instance`, 'see: haup status')
  if (back) return { kind: 'back', instances }
  const request = { kind: 'failover', instances, hold_ms: readHold(hold), ...(force ? { force } : {}) } as const
  if (to === undefined) return request
  if (!isNodeName(to)) throw usage(`"${printable(to, 60)}" cannot be the name of a node`, 'see: haup status')
  return { ...request, to }
}

/** As typed; undefined: without an end. Throws UserError. */
export function readHold(text: string | undefined): number | null {
  if (text === undefined) return null
  const duration = parseDuration(text)
  const ms = duration === undefined ? Number.NaN : Math.ceil(toMillis(duration))
  if (ms >= 1 && ms <= MAX_HOLD_MS) return ms
  throw usage(`--hold "${printable(text, 40)}" is no duration from 1ms to 720h`, 'write it with its unit: --hold 10m')
}

/** 0 only when all of it happened; that nothing was held before `--back` is no failure. */
export function exitCodeOf(outcomes: readonly FailoverOutcome[]): ExitCode {
  return outcomes.some(({ outcome }) => FAILURES.includes(outcome)) ? EXIT.negative : EXIT.ok
}

const FAILURES: readonly FailoverOutcome['outcome'][] = ['nobody', 'not-master', 'elsewhere']

/** What the engine says no to. */
export const refused = ({ message, code, next_steps: nextSteps }: ControlFailure): UserError =>
  new UserError(message, { code, exitCode: EXIT.negative, nextSteps })

const usage = (message: string, step: string): UserError => new UserError(message, { code: 'usage', nextSteps: [step] })
