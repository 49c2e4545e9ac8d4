import type { ClientReport } from './client-report.ts'
import type { ClientRequest } from './measure.ts'

/** Everything the client reported, and waiting for more of it. */
export type RequestLog = {
  readonly requests: readonly ClientRequest[]
  /** All requests that started before this instant are in `requests`. */
  readonly completeTo: () => number
  readonly add: (report: ClientReport) => void
  /**
   * Resolves at the first report after which `isThere` holds (looked at per report, not at once). Rejects after
   * `withinMs`, or when the log ends; the message says what was awaited, and who answered last.
   */
  readonly until: (what: string, withinMs: number, isThere: (report: ClientReport) => boolean) => Promise<void>
  /** No more reports will come. */
  readonly end: () => void
}

type Waiter = {
  readonly isThere: (report: ClientReport) => boolean
  readonly resolve: () => void
  readonly fail: (why: string) => void
}

export function createRequestLog(): RequestLog {
  const requests: ClientRequest[] = []
  const waiters = new Set<Waiter>()
  let completeTo = 0
  let ended = false

  const add = (report: ClientReport) => {
    requests.push(...report.done)
    completeTo = report.completeTo
    for (const waiter of waiters) if (waiter.isThere(report)) waiter.resolve()
  }
  const end = () => {
    ended = true
    for (const waiter of waiters) waiter.fail('before the client ended')
  }
  const until: RequestLog['until'] = (what, withinMs, isThere) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const fail = (why: string) => reject(new Error(`client: ${what} not seen ${why}\n${describeLast(requests)}`))
    const waiter: Waiter = { isThere, resolve, fail }
    waiters.add(waiter)
    const timer = setTimeout(() => fail(`in ${withinMs} ms`), withinMs)
    if (ended) fail('before the client ended')
    return promise.finally(() => {
      waiters.delete(waiter)
      clearTimeout(timer)
    })
  }
  return { requests, completeTo: () => completeTo, add, until, end }
}

const describeLast = (requests: readonly ClientRequest[]): string => {
  const last = requests.slice(-200)
  const boxes = [...new Set(last.map((request) => request.servedBy ?? 'nobody'))]
  return `  | the last ${last.length} requests were answered by: ${boxes.join(', ')}`
}
