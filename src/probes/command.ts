import { formatDuration } from '../shared/units.ts'
import { type Bounds, bad, good, type Verdict } from './attempt.ts'
import { lookUpUser, type User } from './passwd.ts'
import { describeEnd, runCommand } from './run-command.ts'
import { lastLine } from './telling-line.ts'

/**
 * A check script: exit 0 is good. Runs without stdin, with a minimal environment, in a process group of its own that is
 * killed when time is up; as `user` without supplementary groups. The last line of its output is the detail.
 */
export async function probeCommand(
  spec: { readonly argv: readonly string[]; readonly user: string | undefined },
  bounds: Bounds,
): Promise<Verdict> {
  const user = spec.user === undefined ? undefined : await lookUpUser(spec.user)
  if (user !== undefined && !user.ok) return bad(user.error)
  const report = await runCommand({ argv: spec.argv, ...asUser(user?.value) }, bounds.signal)
  const line = lastLine(report.output)
  const end = describeEnd(report.end, formatDuration(bounds.limit))
  if (report.end.kind === 'exit' && report.end.code === 0) {
    return good(line === '' ? `${end} in ${formatDuration(report.took)}` : line)
  }
  return bad(line === '' ? end : `${end}: ${line}`)
}

const asUser = (user: User | undefined) =>
  user === undefined
    ? {}
    : {
        identity: { uid: user.uid, gid: user.gid },
        env: { HOME: user.home, USER: user.name, LOGNAME: user.name },
      }
