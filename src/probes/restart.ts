import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { assertNever } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'
import { fromSeconds, toMillis } from '../shared/units.ts'
import { stopwatch } from './attempt.ts'
import { runBounded } from './bounded-command.ts'
import { endServer } from './end-server.ts'
import { runCommand } from './run-command.ts'
import { type StartOutcome, startServer } from './start-server.ts'
import { tellingLine } from './telling-line.ts'
import type { CommandOutcome, RestartMethod } from './types.ts'

/** The programs that restarts use, and where to see that systemd runs (sd_booted(3)). */
export type RestartTools = {
  readonly systemctl: string
  readonly systemdRun: string
  readonly journalctl: string
  readonly systemdMark: string
  /** How long a start command may run before it counts as a server in the foreground. */
  readonly foregroundMs: number
}

/** nginx tries for 2.5 s to bind a port that is taken before it fails. */
const TOOLS: RestartTools = {
  systemctl: 'systemctl',
  systemdRun: 'systemd-run',
  journalctl: 'journalctl',
  systemdMark: '/run/systemd/system',
  foregroundMs: 4_000,
}

/** systemd gives a unit 90 s to stop; the address cannot wait for that, the job goes on without us. */
const UNIT_LIMIT = fromSeconds(20)
const JOURNAL_LIMIT = fromSeconds(2)

/**
 * Restarts the server and says whether the restart itself worked; whether it helped is for the probes to see. The server
 * never is a child that ends with us: its unit starts it, or a transient unit of systemd's, or it gets its own session.
 * `session`: where the old server's processes are, when that is known.
 */
export async function restartServer(
  method: RestartMethod,
  custom: Partial<RestartTools> = {},
  session?: number,
): Promise<CommandOutcome> {
  const took = stopwatch()
  const tools = { ...TOOLS, ...custom }
  switch (method.kind) {
    case 'none':
      return { ok: false, line: 'no way to restart it is configured', took: took() }
    case 'unit':
      return runBounded([tools.systemctl, '--no-ask-password', 'restart', '--', method.unit], UNIT_LIMIT)
    case 'command': {
      const { ok, line } = await restartByCommand(method, tools, session)
      return { ok, line: printable(line), took: took() }
    }
    default:
      return assertNever(method)
  }
}

async function restartByCommand(
  method: RestartMethod & { readonly kind: 'command' },
  tools: RestartTools,
  session: number | undefined,
): Promise<StartOutcome> {
  const { pidFile, argv } = method
  const ended = pidFile === undefined ? undefined : await endServer(pidFile, argv[0] ?? '', { session })
  if (ended !== undefined && !ended.ok) return { ok: false, line: ended.error }
  return (await exists(tools.systemdMark))
    ? startAsUnit(method.argv, tools)
    : startServer(method.argv, tools.foregroundMs)
}

let restarts = 0

/**
 * In a transient unit: outside of our sandbox, priority and control group, with its output in the journal. A oneshot
 * unit has started when its command has ended, so the exit code comes back without the bus that `--wait` needs; a server
 * in the foreground leaves it "activating". `KillMode=process` lets a daemon live on when the command that forked it ends.
 */
async function startAsUnit(argv: readonly string[], tools: RestartTools): Promise<StartOutcome> {
  restarts += 1
  const name = basename(argv[0] ?? '').replace(/[^\w.-]/g, '_')
  const unit = `haup-restart-${name}-${process.pid}-${restarts}.service`
  const transient = ['--quiet', '--collect', `--unit=${unit}`, '--service-type=oneshot']
  const outcome = await startServer(
    [tools.systemdRun, ...transient, '--property=KillMode=process', '--', ...argv],
    tools.foregroundMs,
  )
  return outcome.ok ? outcome : { ok: false, line: (await readJournal(unit, tools)) || outcome.line }
}

/** What the unit's own processes said; empty when the journal has nothing. */
async function readJournal(unit: string, tools: RestartTools): Promise<string> {
  const query = ['--no-pager', '--quiet', '--output=cat', '--lines=20', `_SYSTEMD_UNIT=${unit}`]
  const report = await runCommand({ argv: [tools.journalctl, ...query] }, AbortSignal.timeout(toMillis(JOURNAL_LIMIT)))
  return report.end.kind === 'exit' && report.end.code === 0 ? tellingLine(report.output) : ''
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
