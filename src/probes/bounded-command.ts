import { formatDuration, type Micros, toMillis } from '../shared/units.ts'
import { describeEnd, runCommand } from './run-command.ts'
import { lastLine, tellingLine } from './telling-line.ts'
import type { CommandOutcome } from './types.ts'

/** Runs a fixed-argv command for at most `limit`; exit 0 is good, and the line is the one that tells most. */
export async function runBounded(
  argv: readonly string[],
  limit: Micros,
  signal: AbortSignal = new AbortController().signal,
): Promise<CommandOutcome> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), toMillis(limit))
  const report = await runCommand({ argv }, AbortSignal.any([signal, timeout.signal]))
  clearTimeout(timer)
  if (report.end.kind === 'exit' && report.end.code === 0) {
    return { ok: true, line: lastLine(report.output), took: report.took }
  }
  const line = report.end.kind === 'exit' ? tellingLine(report.output) : ''
  const fallback = `${argv.join(' ')}: ${describeEnd(report.end, formatDuration(limit))}`
  return { ok: false, line: line === '' ? fallback : line, took: report.took }
}
