import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { packageRoot, runsFromBundle } from '../shared/package-root.ts'
import { type ClientReport, parseReport } from './client-report.ts'
import { type ClientRequest, type ClientView, measure } from './measure.ts'
import { monotonicMs } from './monotonic.ts'
import { inNamespace } from './run.ts'
import type { Host } from './topology.ts'

/** Somebody who uses the virtual address all the time: a new connection and request every 10 ms. */
export type LabClient = {
  /** What the client experienced from `from` until now; waits until every request of that time has its outcome. */
  readonly viewSince: (from: number) => Promise<ClientView>
  /** Resolves with the first request that started at `from` or later and was served by this box (or one of these). */
  readonly servedBy: (box: string | readonly string[], from: number, withinMs?: number) => Promise<ClientRequest>
  /** Resolves when a request that started at `from` or later is lost. */
  readonly lost: (from: number) => Promise<void>
  /** Resolves when the last 30 requests that ended all started at `from` or later and were served by these boxes. */
  readonly servedSteadily: (boxes: readonly string[], from: number, withinMs: number) => Promise<void>
  readonly stop: () => Promise<void>
}

const STEADY = 30

type Waiter = (report: ClientReport) => boolean

/** A report comes every 50 ms; requests time out after a second. */
const SILENCE_LIMIT_MS = 10_000

export function startClient(host: Host, address: string): LabClient {
  const [file = '', ...args] = inNamespace(host.namespace, [process.execPath, clientProgram(), address])
  const child = execa(file, args, { reject: false, detached: true, buffer: false, stderr: 'ignore' })
  const requests: ClientRequest[] = []
  const waiters = new Set<Waiter>()
  let completeTo = 0

  const onReport = (report: ClientReport) => {
    requests.push(...report.done)
    completeTo = report.completeTo
    for (const waiter of waiters) if (waiter(report)) waiters.delete(waiter)
  }
  createInterface({ input: child.stdout }).on('line', (line) => onReport(parseReport(line)))

  const until = (what: string, withinMs: number, isThere: Waiter): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = (report) => {
      const there = isThere(report)
      if (there) resolve()
      return there
    }
    waiters.add(waiter)
    const timer = setTimeout(() => {
      waiters.delete(waiter)
      reject(new Error(`client: ${what} not seen in ${withinMs} ms\n${describeLast(requests)}`))
    }, withinMs)
    return promise.finally(() => clearTimeout(timer))
  }

  const viewSince = async (from: number): Promise<ClientView> => {
    const to = monotonicMs()
    if (completeTo < to) await until('the end of all requests', SILENCE_LIMIT_MS, (report) => report.completeTo >= to)
    return measure(requests, from, to)
  }
  const servedBy: LabClient['servedBy'] = async (box, from, withinMs = 20_000) => {
    const boxes = typeof box === 'string' ? [box] : box
    const isIt = ({ start, servedBy }: ClientRequest) => start >= from && boxes.includes(servedBy ?? '')
    const what = `an answer of ${boxes.join(' or ')}`
    if (!requests.some(isIt)) await until(what, withinMs, ({ done }) => done.some(isIt))
    const found = requests.find(isIt)
    if (found === undefined) throw new Error('unreachable: the request was just reported')
    return found
  }
  const servedSteadily: LabClient['servedSteadily'] = (boxes, from, withinMs) =>
    until(`steady service by ${boxes.join(' or ')}`, withinMs, () => {
      const last = requests.slice(-STEADY)
      return last.length === STEADY && last.every((one) => one.start >= from && boxes.includes(one.servedBy ?? ''))
    })
  const lost: LabClient['lost'] = (from) =>
    until('a lost request', SILENCE_LIMIT_MS, ({ done }) =>
      done.some((one) => one.start >= from && one.servedBy === undefined),
    )
  const stop = async () => {
    child.stdin.end()
    await child
  }
  return { viewSince, servedBy, servedSteadily, lost, stop }
}

/** The client's program stands beside this file in the sources, and is an entry of its own in the bundle. */
const clientProgram = (): string =>
  runsFromBundle()
    ? join(packageRoot(), 'dist/lab/client-process.js')
    : join(packageRoot(), 'src/lab/client-process.ts')

const describeLast = (requests: readonly ClientRequest[]): string => {
  const last = requests.slice(-200)
  const boxes = [...new Set(last.map((request) => request.servedBy ?? 'nobody'))]
  return `  | the last ${last.length} requests were answered by: ${boxes.join(', ')}`
}
