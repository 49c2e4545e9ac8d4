import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'

/** One process as /proc shows it (proc_pid_stat(5)). */
export type ProcessEntry = {
  readonly pid: number
  /** Name of the program, at most 15 bytes, settable by the process itself. */
  readonly comm: string
  /** R, S, D, T, Z, ... */
  readonly state: string
  readonly parent: number
  readonly session: number
  /** In clock ticks since boot: with the pid it names a process for good, a pid alone is used again. */
  readonly startTime: string
}

/** Undefined when there is no such process. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat === undefined ? undefined : parseStat(stat)
}

/** The name may hold blanks and parentheses: the fields begin after the last one. */
export function parseStat(stat: string): ProcessEntry | undefined {
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')]
  if (open < 0 || close < open) return undefined
  const [state = '', parent, , session, ...rest] = stat.slice(close + 2).split(' ')
  const startTime = rest[15]
  if (startTime === undefined) return undefined
  return {
    pid: Number.parseInt(stat, 10),
    comm: stat.slice(open + 1, close),
    state,
    parent: Number(parent),
    session: Number(session),
    startTime,
  }
}

export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const names = await readdir('/proc').catch(() => [])
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))))
  return entries.filter((entry) => entry !== undefined)
}

/** Base name of the executable, also after an upgrade has replaced the file; undefined without the right to see it. */
export async function readExecutable(pid: number): Promise<string | undefined> {
  const target = await readlink(`/proc/${pid}/exe`).catch(() => undefined)
  return target === undefined ? undefined : basename(target.replace(/ \(deleted\)$/, ''))
}

/** Ended, even if its parent has not collected it yet. */
export const hasEnded = (entry: ProcessEntry | undefined): boolean =>
  entry === undefined || entry.state === 'Z' || entry.state === 'X'
