import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { followFile } from './follow-file.ts'
import { createLineLog, type LineLog } from './line-log.ts'
import { inNamespace } from './run.ts'

/** How a process ended. */
export type Exit = { readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined }

/** A running program in a namespace; ended by PID, never by name. */
export type LabProcess = {
  readonly name: string
  readonly pid: number
  /** Standard output and standard error of this run, line by line. */
  readonly log: LineLog
  readonly exited: Promise<Exit>
  readonly signal: (signal: NodeJS.Signals) => void
  /** SIGTERM, wait, after `graceMs` SIGKILL. */
  readonly stop: (graceMs?: number) => Promise<Exit>
  /** Lets it run on by itself: neither its output nor its end is watched any more. */
  readonly release: () => void
}

export type StartOptions = {
  readonly name: string
  readonly namespace: string
  readonly argv: readonly string[]
  /** Output is appended to it. */
  readonly logFile: string
}

/**
 * Starts a program in a namespace, in a session of its own: Ctrl-C at the terminal reaches the lab alone, which then ends
 * what it started in order.
 */
export function startProcess({ name, namespace, argv, logFile }: StartOptions): LabProcess {
  const [file = '', ...args] = inNamespace(namespace, argv)
  const descriptor = openSync(logFile, 'a')
  const written = fstatSync(descriptor).size
  const child = spawn(file, args, { stdio: ['ignore', descriptor, descriptor], detached: true })
  closeSync(descriptor)
  const log = createLineLog(name)
  const stopFollowing = followFile(logFile, log, written)
  const exited = exitOf(child).then((exit) => {
    stopFollowing(`the process ended (${exit.signal ?? exit.code ?? 'not started'})`)
    return exit
  })
  if (child.pid === undefined) throw new Error(`${name} did not start: ${argv.join(' ')}`)
  const pid = child.pid
  const signal = (wanted: NodeJS.Signals) => signalPid(pid, wanted)
  const release = () => {
    child.unref()
    stopFollowing('released')
  }
  return { name, pid, log, exited, signal, stop: (graceMs = 5_000) => stopGently(signal, exited, graceMs), release }
}

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
    child.once('error', () => resolve({ code: undefined, signal: undefined }))
  })

/** True while the process exists (a zombie still does). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function stopGently(
  signal: (wanted: NodeJS.Signals) => void,
  exited: Promise<Exit>,
  graceMs: number,
): Promise<Exit> {
  signal('SIGTERM')
  const timer = new AbortController()
  const late = delay(graceMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
  const first = await Promise.race([exited, late])
  timer.abort()
  if (first !== 'late') return first
  signal('SIGKILL')
  return exited
}
