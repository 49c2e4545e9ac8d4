import { Command } from '@oclif/core/command'
import { ExitError } from '@oclif/core/errors'
import { type ErrorReport, renderError, reportError, toErrorJson } from './error-report.ts'

/** What `--json` prints: always an object, so that keys can be added. */
export type JsonObject = { readonly [key: string]: unknown }

/**
 * What all commands share: `--json`, how failures are told, and exit codes (docs/exit-codes.md).
 *  - Success with `--json`: the result itself, on stdout. Failure: `{error: {code, message, next_steps}}`, on stdout.
 *  - Without it a failure is told on stderr: message, next steps; a stack only when it is a bug.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  abstract override run(): Promise<JsonObject>

  /** Writes lines for people to stdout; nothing with `--json`. The text is taken as it is, never as a format. */
  protected print(lines: string | readonly string[]): void {
    if (!this.jsonEnabled()) writeLines(process.stdout, typeof lines === 'string' ? [lines] : lines)
  }

  /** A remark for people: on stderr, also with `--json`. */
  override warn(input: Error | string): Error | string {
    writeLines(process.stderr, [`warning: ${input instanceof Error ? input.message : input}`])
    return input
  }

  /** For an answer that is negative without being an error, such as a probe that failed. */
  protected exitWith(code: number): void {
    process.exitCode = code
  }

  protected override async catch(thrown: unknown): Promise<never> {
    if (thrown instanceof ExitError) throw thrown
    const report = reportError(thrown, `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`.trim())
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(report))
    if (!this.jsonEnabled() || report.stack !== undefined) writeLines(process.stderr, renderError(report))
    throw new ExitError(report.exitCode)
  }

  protected override toErrorJson(report: ErrorReport): JsonObject {
    return toErrorJson(report)
  }

  protected override toSuccessJson(result: JsonObject): JsonObject {
    return result
  }

  protected override logJson(json: unknown): void {
    writeLines(process.stdout, [JSON.stringify(json, undefined, 2)])
  }
}

const writeLines = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
}

// A reader that went away (`haup status | head -1`) is no failure. oclif does the same for stdout.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
