/**
 * What a client experienced, computed from its requests. PURE. All instants are milliseconds of the machine's monotonic
 * clock (CLOCK_MONOTONIC), which all processes share.
 */

export type ClientRequest = {
  readonly start: number
  readonly end: number
  /** The name of the box that answered 200; undefined when the request was lost (no answer, reset, another status). */
  readonly servedBy?: string | undefined
}

/** A client's view of a period: the requests that *started* in it. */
export type ClientView = {
  readonly sent: number
  readonly lost: number
  /**
   * The longest time without service: from the start of the last request served before a gap to the start of the first
   * one served after it, where at least one request in between was lost. 0 when none was lost. Requests start every
   * 10 ms, so the true outage is shorter by up to 20 ms. A gap that is open at an end of the period counts up to there.
   */
  readonly outageMs: number
  /** Longest time that one served request took. */
  readonly slowestMs: number
  /** The boxes in the order in which they served, a change each: `['web1', 'web2', 'web1']`. */
  readonly path: readonly string[]
}

export function measure(requests: readonly ClientRequest[], from: number, to: number): ClientView {
  const inPeriod = requests.filter(({ start }) => start >= from && start < to).sort((a, b) => a.start - b.start)
  const served = inPeriod.filter((request) => request.servedBy !== undefined)
  return {
    sent: inPeriod.length,
    lost: inPeriod.length - served.length,
    outageMs: Math.round(longestGap(inPeriod, from, to)),
    slowestMs: Math.round(Math.max(0, ...served.map(({ start, end }) => end - start))),
    path: changes(served.map(({ servedBy }) => servedBy ?? '')),
  }
}

/** Longest run of lost requests, measured between the served ones (or ends of the period) around it. */
function longestGap(sorted: readonly ClientRequest[], from: number, to: number): number {
  let longest = 0
  let lastServed = from
  let lostSince = false
  for (const { start, servedBy } of sorted) {
    if (servedBy === undefined) {
      lostSince = true
      continue
    }
    if (lostSince) longest = Math.max(longest, start - lastServed)
    lastServed = start
    lostSince = false
  }
  return lostSince ? Math.max(longest, to - lastServed) : longest
}

const changes = (names: readonly string[]): string[] => names.filter((name, index) => name !== names[index - 1])
