import { type ErrorReport, renderError, toErrorJson } from './error-report.ts'
import { choosePaint, type Paint } from './paint.ts'

/** Colour for what goes to stdout. */
export const stdoutPaint = (): Paint => choosePaint(process.stdout.isTTY, process.env.NO_COLOR)

export const writeLines = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
}

export const writeJson = (json: unknown): void => writeLines(process.stdout, [JSON.stringify(json, undefined, 2)])

/** A failure for people on stderr, or for programs on stdout; the stack of a bug is for people in any case. */
export function tellFailure(report: ErrorReport, asJson: boolean): void {
  if (asJson) writeJson(toErrorJson(report))
  if (!asJson || report.stack !== undefined) writeLines(process.stderr, renderError(report))
}
