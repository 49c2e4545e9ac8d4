import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { err, ok, type Result } from '../shared/result.ts'
import { readPidFile } from './pid-file.ts'
import { carriesName, namesOf } from './process-names.ts'
import { hasEnded, listProcesses, type ProcessEntry, readProcess } from './process-table.ts'

/** How long the processes have to end after SIGTERM, and the kernel to take them away after SIGKILL. */
export type EndLimits = {
  readonly termMs: number
  readonly killMs: number
  /** The session of its last known main process: after a binary upgrade it is not that process's own. */
  readonly session?: number | undefined
}
const LIMITS: EndLimits = { termMs: 2_000, killMs: 2_000 }

/**
 * Ends the server that a pid file names: the main process and its workers, also those that it left behind when it was
 * killed and that still hold the port. Only processes that carry the name of `program` are touched: a pid file can be
 * stale and its number somebody else's. A stopped process is continued, so that it can obey SIGTERM. No server to
 * end is success; the error names what did not end. The pid file of a server that has ended is removed: apache takes one
 * whose number still exists, be it a zombie's, for a running server, and "-k start" would succeed without starting any.
 */
export async function endServer(
  pidFile: string,
  program: string,
  custom: Partial<EndLimits> = {},
): Promise<Result<void, string>> {
  const limits = { ...LIMITS, ...custom }
  const main = await readPidFile(pidFile)
  if (!main.ok) return ok(undefined)
  const ended = await endFamily(main.value, program, limits)
  if (ended.ok && hasEnded(await readProcess(main.value))) await rm(pidFile, { force: true }).catch(() => undefined)
  return ended
}

async function endFamily(main: number, program: string, limits: EndLimits): Promise<Result<void, string>> {
  const names = namesOf(program)
  const first = await findServer(main, names, limits.session)
  const orphaned = first.every((entry) => entry.pid !== main)
  for (const entry of first) {
    const ask = orphaned || entry.pid === main
    await signal(entry, ask ? ['SIGTERM', 'SIGCONT'] : ['SIGCONT'])
  }
  if (await haveEnded(first, limits.termMs)) return ok(undefined)
  const rest = [...first, ...(await findServer(main, names, limits.session))]
  for (const entry of rest) await signal(entry, ['SIGKILL'])
  if (await haveEnded(rest, limits.killMs)) return ok(undefined)
  return err(`${basename(program)} (process ${main}) does not end, not even by SIGKILL`)
}

/**
 * The main process and its descendants, and what is left of its session when it has gone: a session's number is not
 * given to another process while a member lives.
 */
async function findServer(
  main: number,
  names: readonly string[],
  session: number = main,
): Promise<readonly ProcessEntry[]> {
  const all = await listProcesses()
  const family = new Set([main])
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const entry of all) if (family.has(entry.parent)) family.add(entry.pid)
  }
  const head = all.find((entry) => entry.pid === main)
  if (head !== undefined && !(await carriesName(head, names))) return []
  // While its leader lives, a session may be shared with strangers.
  const sessions = all.some((entry) => entry.pid === session && !hasEnded(entry)) ? [main] : [main, session]
  const members = all.filter((entry) => family.has(entry.pid) || sessions.includes(entry.session))
  const mine = await Promise.all(members.map((entry) => carriesName(entry, names)))
  return members.filter((entry, index) => mine[index] === true && !hasEnded(entry))
}

/** Compares the start time first: a number that has changed hands meanwhile is left alone. */
async function signal(entry: ProcessEntry, signals: readonly NodeJS.Signals[]): Promise<void> {
  if (!(await isStill(entry))) return
  try {
    for (const each of signals) process.kill(entry.pid, each)
  } catch {
    // It has ended in between.
  }
}

async function isStill(entry: ProcessEntry): Promise<boolean> {
  const now = await readProcess(entry.pid)
  return now !== undefined && !hasEnded(now) && now.startTime === entry.startTime
}

/** Looks every few milliseconds, at first more often: most end at once. */
async function haveEnded(entries: readonly ProcessEntry[], limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs
  for (let pause = 1; ; pause = Math.min(2 * pause, POLL_MS)) {
    const running = await Promise.all(entries.map(isStill))
    if (!running.includes(true)) return true
    if (performance.now() > deadline) return false
    await delay(pause)
  }
}

const POLL_MS = 20
