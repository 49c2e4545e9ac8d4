import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { packageRoot, runsFromBundle } from '../shared/package-root.ts'
import { parseReport } from './client-report.ts'
import { type ClientRequest, type ClientView, measure } from './measure.ts'
import { monotonicMs } from './monotonic.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import { inNamespace } from './run.ts'
import type { Host } from './topology.ts'

/** How often a client begins a new connection, and how long it waits for an answer; milliseconds. */
export type ClientPace = { readonly intervalMs: number; readonly timeoutMs: number }

/** Somebody who uses the virtual address all the time: a new connection and request every 10 ms, unless paced otherwise. */
export type LabClient = {
  /** All requests that started at `from` or later and before now; waits until every one of them has its outcome. */
  readonly requestsSince: (from: number) => Promise<readonly ClientRequest[]>
  /** What the client experienced from `from` until now; waits until every request of that time has its outcome. */
  readonly viewSince: (from: number) => Promise<ClientView>
  /** Resolves with the first request that started at `from` or later and was served by this box (or one of these). */
  readonly servedBy: (box: string | readonly string[], from: number, withinMs?: number) => Promise<ClientRequest>
  /** Resolves with the next request to be lost of those that started at `from` or later. */
  readonly lost: (from: number) => Promise<ClientRequest>
  /** Resolves when the last 30 requests that ended all started at `from` or later and were served by these boxes. */
  readonly servedSteadily: (boxes: readonly string[], from: number, withinMs: number) => Promise<void>
  readonly stop: () => Promise<void>
}

const STEADY = 30

const PACE: ClientPace = { intervalMs: 10, timeoutMs: 1_000 }
/** A report comes every fifth request, and tells of a request at the latest when it has timed out. */
const SILENCE_LIMIT_MS = 10_000
const SERVE_LIMIT_MS = 20_000

export function startClient(host: Host, address: string, { intervalMs, timeoutMs }: ClientPace = PACE): LabClient {
  const program = [process.execPath, clientProgram(), address, String(intervalMs), String(timeoutMs)]
  const [file = '', ...args] = inNamespace(host.namespace, program)
  const child = execa(file, args, { reject: false, detached: true, buffer: false, stderr: 'ignore' })
  const log = createRequestLog()
  createInterface({ input: child.stdout }).on('line', (line) => log.add(parseReport(line)))
  const ended = child.then(log.end)
  const stop = async () => {
    child.stdin.end()
    await ended
  }
  return { ...awaiting(log), stop }
}

/** Resolves with the present instant when every request that started before it has its outcome. */
async function untilComplete(log: RequestLog): Promise<number> {
  const to = monotonicMs()
  const isComplete = () => (log.completeTo() >= to ? true : undefined)
  if (!isComplete()) await log.until('the end of all requests', SILENCE_LIMIT_MS, isComplete)
  return to
}

const awaiting = (log: RequestLog): Omit<LabClient, 'stop'> => ({
  requestsSince: async (from) => {
    const to = await untilComplete(log)
    return log.requests.filter(({ start }) => start >= from && start < to)
  },
  viewSince: async (from) => {
    const to = await untilComplete(log)
    return measure(log.requests, from, to)
  },
  servedBy: async (box, from, withinMs = SERVE_LIMIT_MS) => {
    const boxes = typeof box === 'string' ? [box] : box
    const isIt = ({ start, servedBy }: ClientRequest) => start >= from && boxes.includes(servedBy ?? '')
    const what = `an answer of ${boxes.join(' or ')}`
    return log.requests.find(isIt) ?? log.until(what, withinMs, ({ done }) => done.find(isIt))
  },
  lost: (from) =>
    log.until('a lost request', SILENCE_LIMIT_MS, ({ done }) =>
      done.find((one) => one.start >= from && one.servedBy === undefined),
    ),
  servedSteadily: async (boxes, from, withinMs) => {
    const isSteady = (one: ClientRequest) => one.start >= from && boxes.includes(one.servedBy ?? '')
    await log.until(`steady service by ${boxes.join(' or ')}`, withinMs, () => {
      const last = log.requests.slice(-STEADY)
      return last.length === STEADY && last.every(isSteady) ? true : undefined
    })
  },
})

/** The client's program stands beside this file in the sources, and is an entry of its own in the bundle. */
const clientProgram = (): string =>
  runsFromBundle()
    ? join(packageRoot(), 'dist/lab/client-process.js')
    : join(packageRoot(), 'src/lab/client-process.ts')
