import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type ControlServerOptions, startControlServer } from '../../../src/control/server.ts'
import type { LogRecord } from '../../../src/shared/log.ts'
import { aStatus } from './status.ts'

/** A directory of its own for each test, removed after it. */
export async function makeRunDir(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'haup-control-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export type TestEngine = {
  readonly runDir: string
  readonly logged: LogRecord[]
  /** Ends it before the test's end; may be called twice. */
  readonly stop: () => Promise<void>
}

/** A real control server over real sockets that answers with a fixed status. */
export async function startTestEngine(
  t: TestContext,
  options: Partial<ControlServerOptions> = {},
): Promise<TestEngine> {
  const runDir = options.runDir ?? (await makeRunDir(t))
  const logged: LogRecord[] = []
  const server = await startControlServer({
    runDir,
    getStatus: () => aStatus(),
    handle: async () => ({ ok: true, outcomes: [] }),
    log: (record) => void logged.push(record),
    ...options,
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= server.close()
    return stopped
  }
  t.after(stop)
  return { runDir, logged, stop }
}

/** Sends bytes as they are; resolves with all that came back when the server ends the connection. */
export function sendRaw(path: string, bytes: string | Uint8Array, then: 'wait' | 'end' = 'wait'): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(path, () => (then === 'end' ? socket.end(bytes) : socket.write(bytes)))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    // A server that has enough may reset the connection; what it said before counts.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(received))
  })
}
