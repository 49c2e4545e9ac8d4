import { EXIT, messageOf, UserError } from '../shared/errors.ts'

/** Exit code after Ctrl-C, as shells count it: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130

/** What is told about a failure, on stderr or as JSON. */
export type ErrorReport = {
  readonly exitCode: number
  readonly code: string
  readonly message: string
  readonly nextSteps: readonly string[]
  /** Only of a bug. */
  readonly stack: string | undefined
}

/** `--json` form of a failure: public API. */
export type ErrorJson = {
  readonly error: { readonly code: string; readonly message: string; readonly next_steps: readonly string[] }
}

/** Sorts anything that was thrown into: somebody can act on it, wrong command line, Ctrl-C, or a bug of ours. */
export function reportError(thrown: unknown, commandLine: string): ErrorReport {
  if (thrown instanceof UserError) {
    const { exitCode, code, message, nextSteps } = thrown
    return { exitCode, code, message, nextSteps, stack: undefined }
  }
  if (isPromptExit(thrown)) {
    return { exitCode: EXIT_INTERRUPTED, code: 'interrupted', message: 'interrupted', nextSteps: [], stack: undefined }
  }
  if (isUsageError(thrown)) return reportUsage(thrown.message, commandLine)
  return {
    exitCode: EXIT.bug,
    code: 'bug',
    message: messageOf(thrown),
    nextSteps: ['this is a bug in haup: please report it with the lines above and the output of: haup --version'],
    stack: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  }
}

export const toErrorJson = (report: ErrorReport): ErrorJson => ({
  error: { code: report.code, message: report.message, next_steps: report.nextSteps },
})

/** Lines for stderr. */
export function renderError(report: ErrorReport): string[] {
  const head = report.stack === undefined ? `error: ${report.message}` : report.stack
  return [...head.split('\n'), ...report.nextSteps.map((step) => `→ ${step}`)].map(withoutControls)
}

/** oclif appends a hint to each of its messages; here it becomes the next step. */
function reportUsage(message: string, commandLine: string): ErrorReport {
  const text = message.replace(/\nSee more help with --help$/, '').trim()
  const nextSteps = [`${commandLine} --help`]
  return { exitCode: EXIT.usage, code: 'usage', message: text, nextSteps, stack: undefined }
}

/** oclif's CLIError and its parse errors, which carry an exit code of their own. */
const isUsageError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'oclif' in thrown && typeof thrown.oclif === 'object'

const isPromptExit = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'ExitPromptError'

/** Keeps indentation, takes away what could move a terminal's cursor. */
const withoutControls = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to be replaced
  line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
