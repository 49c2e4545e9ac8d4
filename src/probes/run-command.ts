import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { assertNever, messageOf } from '../shared/errors.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import { codeOf, stopwatch } from './attempt.ts'
import { killTree } from './kill-tree.ts'

export type CommandSpec = {
  /** Program and arguments, never a shell line. */
  readonly argv: readonly string[]
  /** Beside PATH and LC_ALL. */
  readonly env?: Readonly<Record<string, string>>
  /** Runs as this user, with no supplementary groups; needs root. */
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined
}

export type CommandEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** The limit or the caller ended it. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'not-started'; readonly reason: string }

export type CommandReport = {
  readonly end: CommandEnd
  /** Both streams as they came, the last `OUTPUT_LIMIT` characters. */
  readonly output: string
  readonly took: Micros
}

/** All that a child inherits of the environment. */
export const MINIMAL_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

const OUTPUT_LIMIT = 64 * 1024
/** How long output may still come after the end, where a grandchild holds the stream open. */
const DRAIN_MS = 100

/**
 * Runs a command to its end in a process group and session of its own, without stdin. Resolves always: at the end of
 * the command, or soon after `signal` aborts, which kills all that it started.
 */
export function runCommand(spec: CommandSpec, signal: AbortSignal): Promise<CommandReport> {
  const took = stopwatch()
  return new Promise((resolve) => {
    const started = signal.aborted ? err({ kind: 'killed' } as const) : start(spec)
    if (!started.ok) return resolve({ end: started.error, output: '', took: took() })
    const child = started.value
    // For want of descriptors there are no streams, and the error comes by event.
    if (!hasStreams(child)) return void child.on('error', (error) => resolve(failed(spec.argv, error, took())))
    const output = collect([child.stdout, child.stderr])
    const finish = (end: CommandEnd): void => {
      signal.removeEventListener('abort', kill)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ end, output: output(), took: took() })
    }
    let isKilled = false
    const kill = (): void => {
      isKilled = true
      const finished = (): void => finish({ kind: 'killed' })
      if (child.pid === undefined) finished()
      else void killTree(child.pid).then(finished, finished)
    }
    signal.addEventListener('abort', kill)
    child.on('error', (error) => finish(notStarted(spec.argv, error)))
    child.on('exit', (code, killer) => {
      if (isKilled) return
      const end = exitOf(code, killer)
      const drained = setTimeout(finish, DRAIN_MS, end)
      child.on('close', () => {
        clearTimeout(drained)
        finish(end)
      })
    })
  })
}

/** `exit 2`, `killed by SIGSEGV`, `no program check.sh`; `limit` is how the time it had is called. */
export function describeEnd(end: CommandEnd, limit: string): string {
  switch (end.kind) {
    case 'exit':
      return `exit ${end.code}`
    case 'signal':
      return `killed by ${end.signal}`
    case 'killed':
      return `not done within ${limit}, killed`
    case 'not-started':
      return end.reason
    default:
      return assertNever(end)
  }
}

type Streaming = ChildProcessByStdio<null, Readable, Readable>

const hasStreams = (child: ChildProcess): child is Streaming =>
  (child.stdout ?? undefined) !== undefined && (child.stderr ?? undefined) !== undefined

const failed = (argv: readonly string[], error: unknown, took: Micros): CommandReport => ({
  end: notStarted(argv, error),
  output: '',
  took,
})

/** The system's reasons come as thrown errors or as events, depending on which they are. */
function start(spec: CommandSpec): Result<ChildProcess, CommandEnd> {
  const [program = '', ...args] = spec.argv
  try {
    const env = { ...MINIMAL_ENV, ...spec.env }
    const child = spawn(program, args, {
      ...spec.identity,
      env,
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return ok(child)
  } catch (error) {
    return err(notStarted(spec.argv, error))
  }
}

/** What Node's `exit` event says. */
export const exitOf = (code: number | null, killer: string | null): CommandEnd =>
  code === null ? { kind: 'signal', signal: killer ?? 'an unknown signal' } : { kind: 'exit', code }

/** Why the program could not be started. */
export function notStarted(argv: readonly string[], thrown: unknown): CommandEnd & { readonly kind: 'not-started' } {
  const code = codeOf(thrown)
  const program = argv[0] ?? ''
  const reason =
    code === 'ENOENT'
      ? `there is no program ${program}`
      : code === 'EACCES'
        ? `${program} may not be executed`
        : `${program} cannot be started: ${messageOf(thrown)}`
  return { kind: 'not-started', reason }
}

/** The end of what the streams bring; more than `OUTPUT_LIMIT` is never kept. */
function collect(streams: readonly Readable[]): () => string {
  let text = ''
  for (const stream of streams) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      text = `${text}${chunk}`.slice(-OUTPUT_LIMIT)
    })
  }
  return () => text
}
