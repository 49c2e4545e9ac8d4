import { assertNever } from '../shared/errors.ts'
import type { MainSource } from './main-source.ts'
import { judgeUnit, parseUnit, type Seen } from './main-verdict.ts'
import { readPidFile } from './pid-file.ts'
import { findPortOwners } from './port-owner.ts'
import { carriesName } from './process-names.ts'
import { hasEnded, readProcess } from './process-table.ts'
import { describeEnd, runCommand } from './run-command.ts'
import { tellingLine } from './telling-line.ts'

/** Looks for the main process now; resolves always. Each source has its own signs of a crash. */
export function lookForMain(source: MainSource, systemctl: string): Promise<Seen> {
  switch (source.kind) {
    case 'unit':
      return lookAtUnit(source.unit, systemctl)
    case 'pid-file':
      return lookAtPidFile(source.path, source.names)
    case 'port':
      return lookAtPort(source.port)
    case 'none':
      return Promise.resolve({ kind: 'unknown', reason: source.reason })
    default:
      return assertNever(source)
  }
}

const SHOW_LIMIT_MS = 2_000
const PROPERTIES = '--property=LoadState,ActiveState,SubState,Result,Job,MainPID'

async function lookAtUnit(unit: string, systemctl: string): Promise<Seen> {
  const argv = [systemctl, 'show', PROPERTIES, '--', unit]
  const report = await runCommand({ argv }, AbortSignal.timeout(SHOW_LIMIT_MS))
  if (report.end.kind !== 'exit' || report.end.code !== 0) {
    const line = tellingLine(report.output)
    return { kind: 'unknown', reason: line === '' ? `systemctl: ${describeEnd(report.end, '2s')}` : line }
  }
  const state = parseUnit(report.output)
  if (state === undefined) return { kind: 'unknown', reason: `systemd has no unit ${unit}` }
  const main = state.main === 0 ? undefined : await readProcess(state.main)
  if (main !== undefined && !hasEnded(main)) return { kind: 'runs', pid: main.pid, startTime: main.startTime }
  return judgeUnit(state)
}

/** nginx and apache remove their pid file when they end in order: one that is left behind tells of a crash. */
async function lookAtPidFile(path: string, names: readonly string[]): Promise<Seen> {
  const pid = await readPidFile(path)
  if (!pid.ok) return { kind: 'ended', reason: pid.error }
  const entry = await readProcess(pid.value)
  if (entry === undefined || hasEnded(entry)) {
    return { kind: 'crashed', reason: `${path} still names process ${pid.value}, which has ended` }
  }
  if (names.length > 0 && !(await carriesName(entry, names))) {
    return { kind: 'crashed', reason: `${path} names process ${pid.value}, which is ${entry.comm} and not ${names[0]}` }
  }
  return { kind: 'runs', pid: entry.pid, startTime: entry.startTime }
}

async function lookAtPort(port: number): Promise<Seen> {
  const owners = await findPortOwners(port)
  if (owners === undefined) return { kind: 'ended', reason: `nobody listens on port ${port}` }
  const [main, ...others] = owners
  if (main === undefined) {
    return { kind: 'unknown', reason: `no main process that listens on port ${port} can be seen; name its pid file` }
  }
  if (others.length > 0) return { kind: 'unknown', reason: `several servers listen on port ${port}` }
  return { kind: 'runs', pid: main.pid, startTime: main.startTime }
}
