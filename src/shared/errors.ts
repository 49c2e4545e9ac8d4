/**
 * Three kinds of error. This file has two of them; the third, what a remote did wrong, is a value (see `Result`), counted
 * and never thrown.
 *  - `UserError`: somebody can act on it. It has a message, next steps, a stable code and an exit code; no stack is shown.
 *  - anything else that is thrown is a bug and is shown with its stack.
 */

/** Exit codes are public API; docs/exit-codes.md lists them. */
export const EXIT = {
  ok: 0,
  /** A bug in haup. */
  bug: 1,
  /** Wrong command line, wrong or missing configuration, missing right. */
  usage: 2,
  /** What was asked for is not so: a probe failed, `config check` found errors, nobody took over. */
  negative: 3,
  /** The engine does not run. */
  notRunning: 4,
  /** Something of this box hinders: a missing interface, a socket that cannot be opened. */
  environment: 5,
  /** All is served, and no other node could take over. */
  noRedundancy: 6,
  /** This node holds an address, and its gate is closed: nobody is served by it. */
  gateClosed: 7,
  /** An engine lives and does not answer. */
  notAnswering: 8,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export class UserError extends Error {
  override readonly name = 'UserError'
  /** Stable, lower-case, dotted: `config.unknown-key`, `engine.not-running`. */
  readonly code: string
  readonly exitCode: ExitCode
  /** What to do next, one imperative sentence or command each. */
  readonly nextSteps: readonly string[]

  constructor(
    message: string,
    options: { code: string; exitCode?: ExitCode; nextSteps?: readonly string[]; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.exitCode = options.exitCode ?? EXIT.usage
    this.nextSteps = options.nextSteps ?? []
  }
}

/** Ends an exhaustive switch: a compile error when a case is missing, a bug report when data lies about its type. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
