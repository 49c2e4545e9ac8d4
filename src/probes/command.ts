import { formatDuration } from '../shared/units.ts'
import { type Bounds, bad, good, type Verdict } from './attempt.ts'
import { runAsUser } from './run-as-user.ts'
import { describeEnd } from './run-command.ts'
import { lastLine } from './telling-line.ts'

/**
 * A check script: exit 0 is good. Runs without stdin, with a minimal environment, in a process group of its own that is
 * killed when time is up; as `user` without supplementary groups. The last line of its output is the detail.
 */
export async function probeCommand(
  spec: { readonly argv: readonly string[]; readonly user: string | undefined },
  bounds: Bounds,
): Promise<Verdict> {
  const report = await runAsUser(spec, bounds.signal)
  const line = lastLine(report.output)
  const end = describeEnd(report.end, formatDuration(bounds.limit))
  if (report.end.kind === 'exit' && report.end.code === 0) {
    return good(line === '' ? `${end} in ${formatDuration(report.took)}` : line)
  }
  return bad(line === '' ? end : `${end}: ${line}`)
}
