import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { type CommandEnd, describeEnd, exitOf, MINIMAL_ENV, notStarted } from './run-command.ts'
import { tellingLine } from './telling-line.ts'

export type StartOutcome = { readonly ok: boolean; readonly line: string }

/**
 * Starts a server by its command, so that it outlives this process: in a session of its own, with nothing of ours open.
 * A command that ends by itself (a daemon forks and returns) counts by its exit code; one that still runs after
 * `waitMs` is taken for a server in the foreground and left alone.
 *
 * Its output goes to a `tail` that stands between us: the server keeps a reader when we are gone (without one, its next
 * line would kill it by SIGPIPE), however much it writes only the last 4 KiB are kept, and they come to us when it fails.
 */
export async function startServer(argv: readonly string[], waitMs: number): Promise<StartOutcome> {
  const { stdin, stdout, unref } = startReader()
  const report = stdout === undefined ? Promise.resolve('') : text(stdout).catch(() => '')
  try {
    const [program = '', ...args] = argv
    const output = stdin ?? 'ignore'
    const server = spawn(program, args, { ...APART, stdio: ['ignore', output, output] })
    stdin?.destroy()
    const end = await Promise.race([endOf(server, argv), delay(waitMs, undefined)])
    server.unref()
    if (end === undefined) return { ok: true, line: 'runs in the foreground' }
    if (end.kind === 'exit' && end.code === 0) return { ok: true, line: '' }
    return { ok: false, line: await explain(end, report) }
  } catch (error) {
    return { ok: false, line: notStarted(argv, error).reason }
  } finally {
    stdin?.destroy()
    stdout?.destroy()
    unref()
  }
}

type Reader = {
  readonly stdin: Writable | undefined
  readonly stdout: Readable | undefined
  readonly unref: () => void
}

/** Without streams when it cannot be started, be it for want of descriptors: the server is started all the same. */
function startReader(): Reader {
  const reader: ChildProcess = spawn('tail', ['-c', '4096'], { ...APART, stdio: ['pipe', 'pipe', 'ignore'] })
  reader.on('error', () => undefined)
  reader.stdin?.on('error', () => undefined)
  const started = reader.pid !== undefined
  return {
    stdin: (started ? reader.stdin : undefined) ?? undefined,
    stdout: reader.stdout ?? undefined,
    unref: () => reader.unref(),
  }
}

/** A session of its own, away from our environment and working directory. */
const APART = { env: MINIMAL_ENV, cwd: '/', detached: true } as const
/** The reader reports when the last writer has closed; a child of a failed command may not. */
const REPORT_MS = 500

const endOf = (server: ChildProcess, argv: readonly string[]): Promise<CommandEnd> =>
  new Promise((resolve) => {
    server.on('error', (error) => resolve(notStarted(argv, error)))
    server.on('exit', (code, killer) => resolve(exitOf(code, killer)))
  })

async function explain(end: CommandEnd, report: Promise<string>): Promise<string> {
  const words = tellingLine(await Promise.race([report, delay(REPORT_MS, '')]))
  return words === '' || end.kind === 'not-started' ? describeEnd(end, 'its time') : words
}
