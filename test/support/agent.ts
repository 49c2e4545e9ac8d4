import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Namespace } from './netns.ts'

/** What the agent reports unasked, in order: packets, errors and link states. */
export type AgentEvent = { readonly event: string; readonly [key: string]: unknown }

/** A Node process inside a namespace that runs haup's adapters on request (see agent-process.ts). */
export type Agent = {
  readonly pid: number
  /** Rejects when the call throws over there. */
  readonly call: (method: string, ...args: readonly unknown[]) => Promise<unknown>
  /** The first event not taken yet that fits; rejects after five seconds. */
  readonly next: (fits: (event: AgentEvent) => boolean) => Promise<AgentEvent>
  /** Events not taken yet. */
  readonly pending: () => readonly AgentEvent[]
  /** kill -9, and wait until it is dead. */
  readonly kill: () => Promise<void>
} & AsyncDisposable

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string }

const PATIENCE_MS = 5_000

/** `script` answers by `serveAgent`. */
export function startAgent(namespace: Namespace, script = join(import.meta.dirname, 'agent-process.ts')): Agent {
  const child = spawn('ip', ['netns', 'exec', namespace.name, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const inbox = createInbox()
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let id = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message: Reply | AgentEvent = JSON.parse(line)
    if ('event' in message) inbox.put(message)
    else settle(message)
  })
  const settle = ({ id: which, value, error }: Reply): void => {
    if (error === undefined) waiting.get(which)?.resolve(value)
    else waiting.get(which)?.reject(new Error(error))
    waiting.delete(which)
  }
  child.once('exit', () => {
    for (const each of waiting.keys()) settle({ id: each, error: 'the agent ended during the call' })
  })
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
  }
  return {
    pid: pidOf(child),
    call: (method, ...args) => {
      id += 1
      const reply = Promise.withResolvers<unknown>()
      waiting.set(id, reply)
      child.stdin.write(`${JSON.stringify({ id, method, args })}\n`)
      return reply.promise
    },
    next: inbox.take,
    pending: inbox.all,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

function createInbox() {
  const events: AgentEvent[] = []
  const watchers = new Set<() => void>()
  const find = (fits: (event: AgentEvent) => boolean): AgentEvent | undefined => {
    const at = events.findIndex(fits)
    return at < 0 ? undefined : events.splice(at, 1)[0]
  }
  return {
    all: (): readonly AgentEvent[] => [...events],
    put: (event: AgentEvent): void => {
      events.push(event)
      for (const watcher of [...watchers]) watcher()
    },
    take: (fits: (event: AgentEvent) => boolean): Promise<AgentEvent> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look)
          reject(new Error(`no such event; there were ${JSON.stringify(events)}`))
        }, PATIENCE_MS)
        const look = (): void => {
          const found = find(fits)
          if (found === undefined) return
          clearTimeout(timer)
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
      }),
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the agent did not start')
  return child.pid
}
