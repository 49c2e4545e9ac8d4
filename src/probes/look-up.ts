import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { err, ok, type Result } from '../shared/result.ts'
import type { Found } from './names.ts'
import { MINIMAL_ENV, notStarted } from './run-command.ts'

/** A resolver of which the first servers are dead answers after many seconds, with its usual times. */
const LIMIT_MS = 20_000
/** What is refused, or known not to exist, is so at once. */
const AT_ONCE_MS = 900

export const NO_ANSWER = 'no answer from the resolver'

/**
 * The system's own look-up (/etc/hosts, resolver, nsswitch.conf) in a process of its own. In this one, getaddrinfo would
 * take a thread for as long as a resolver hangs: file work waits for those, and the end of the process does. Resolves always.
 */
export function lookUp(name: string): Promise<Result<readonly Found[], string>> {
  const began = performance.now()
  return new Promise((resolve) => {
    const started = start(name)
    if (!started.ok) return resolve(started)
    const child = started.value
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    const kill = (): void => void child.kill('SIGKILL')
    const timer = setTimeout(kill, LIMIT_MS)
    process.once('exit', kill)
    // Nothing waits for it: who needs the name has a time limit.
    for (const each of [child, timer]) each.unref()
    if ('unref' in child.stdout && typeof child.stdout.unref === 'function') child.stdout.unref()
    const end = (why: string): void => {
      clearTimeout(timer)
      process.off('exit', kill)
      const found = parseAddresses(text)
      resolve(found.length > 0 ? ok(found) : err(why))
    }
    child.on('error', (thrown) => end(whyNot(thrown)))
    child.on('close', () => end(performance.now() - began < AT_ONCE_MS ? 'no address is known for it' : NO_ANSWER))
  })
}

type Child = ChildProcessByStdio<null, Readable, null>

function start(name: string): Result<Child, string> {
  const argv = ['--', 'ahosts', name]
  try {
    return ok(spawn('getent', argv, { env: MINIMAL_ENV, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch (thrown) {
    return err(whyNot(thrown))
  }
}

const whyNot = (thrown: unknown): string => notStarted(['getent'], thrown).reason

/** `192.0.2.1  STREAM name`, in the order in which they are to be tried; one line for each type of socket. */
export function parseAddresses(text: string): readonly Found[] {
  const addresses = text.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '')
  return [...new Set(addresses)].flatMap((address) => {
    const family = isIP(address)
    return family === 4 || family === 6 ? [{ address, family }] : []
  })
}
