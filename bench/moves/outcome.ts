import type { ClientRequest } from '../../src/lab/measure.ts'

/** What a planned move cost the client. PURE. */

export type Move = {
  readonly connections: number
  /** Without an answer within three seconds, or refused, or reset. */
  readonly failed: number
  /** Served, but slower than half a second. */
  readonly slow: number
  /** SYNs that the client's kernel had to send again. */
  readonly retransmitted: number
  /** The longest time in which no answer came, milliseconds. */
  readonly gapMs: number
  /** From the administrator's command or signal until the other box served everything, milliseconds. */
  readonly moveMs: number
  /** Until the command, or the process that was told to stop, had ended; undefined: there is none that ends. */
  readonly commandMs: number | undefined
}

/** A connection whose SYN was lost takes a second longer. */
const SLOW_MS = 500

export type Observed = {
  /** Those that started since the move began. */
  readonly requests: readonly ClientRequest[]
  readonly began: number
  readonly from: string
  readonly to: string
  readonly retransmitted: number
  readonly commandMs: number | undefined
}

export function assess({ requests, began, from, to, retransmitted, commandMs }: Observed): Move {
  const served = requests.filter(({ servedBy }) => servedBy !== undefined)
  const ends = served.map(({ end }) => end).sort((a, b) => a - b)
  const firstThere = Math.min(...endsOf(served, to))
  const lastHere = Math.max(began, ...endsOf(served, from))
  return {
    connections: requests.length,
    failed: requests.length - served.length,
    slow: served.filter(({ start, end }) => end - start > SLOW_MS).length,
    retransmitted,
    gapMs: Math.max(0, ...ends.map((end, index) => end - (ends[index - 1] ?? began))),
    moveMs: Math.max(firstThere, lastHere) - began,
    commandMs,
  }
}

const endsOf = (served: readonly ClientRequest[], box: string): number[] =>
  served.filter(({ servedBy }) => servedBy === box).map(({ end }) => end)
