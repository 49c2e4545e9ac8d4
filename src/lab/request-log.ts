import type { ClientReport } from './client-report.ts'
import type { ClientRequest } from './measure.ts'
import { createWaiting, type Waiting } from './waiting.ts'

/** Everything the client reported, and waiting for more of it. */
export type RequestLog = {
  readonly requests: readonly ClientRequest[]
  /** All requests that started before this instant are in `requests`. */
  readonly completeTo: () => number
  readonly add: (report: ClientReport) => void
  readonly until: Waiting<ClientReport>['until']
  /** No more reports will come. */
  readonly end: () => void
}

export function createRequestLog(): RequestLog {
  const requests: ClientRequest[] = []
  const waiting = createWaiting<ClientReport>('client', () => describeLast(requests))
  let completeTo = 0
  return {
    requests,
    completeTo: () => completeTo,
    add: (report) => {
      requests.push(...report.done)
      completeTo = report.completeTo
      waiting.notify(report)
    },
    until: waiting.until,
    end: () => waiting.end('before the client ended'),
  }
}

const describeLast = (requests: readonly ClientRequest[]): string => {
  const last = requests.slice(-200)
  const boxes = [...new Set(last.map((request) => request.servedBy ?? 'nobody'))]
  return `  | the last ${last.length} requests were answered by: ${boxes.join(', ')}`
}
