import { Command } from '@oclif/core/command'
import { ExitError } from '@oclif/core/errors'
import { reportError } from './error-report.ts'
import { tellFailure, writeJson, writeLines } from './output.ts'

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
    tellFailure(report, this.jsonEnabled())
    throw new ExitError(report.exitCode)
  }

  /** oclif's own form, without its colours. */
  protected override logJson(json: unknown): void {
    writeJson(json)
  }
}

// A reader that went away (`haup status | head -1`) is no failure. oclif does the same for stdout.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
