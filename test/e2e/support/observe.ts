import type { LabClient } from '../../../src/lab/client.ts'
import type { Witness } from '../../../src/lab/witness.ts'
import { type HolderView, TICK_MS } from '../../../src/lab/witness-timeline.ts'

/** What a client and the witness saw, in milliseconds. */
export type Observed = {
  /** Longest time in which the client was not served. */
  readonly gapMs: number
  readonly lost: number
  readonly twoMs: number
  readonly longestNoneMs: number
  /** Who was seen as a holder, a change each. */
  readonly path: readonly string[]
}

/** Resolution of the witness: a clean hand-over may show one look with both. */
export const LOOK_MS = TICK_MS

export async function observe(
  { client, witness }: { readonly client: LabClient; readonly witness: Witness },
  from: number,
): Promise<Observed> {
  const [{ outageMs, lost }, view] = await Promise.all([client.viewSince(from), witness.viewSince(from)])
  return {
    gapMs: outageMs,
    lost,
    twoMs: Math.round(view.twoMs),
    longestNoneMs: Math.round(view.longestNoneMs),
    path: holderPath(view),
  }
}

export const holderPath = ({ held }: Pick<HolderView, 'held'>): readonly string[] =>
  Object.entries(held)
    .flatMap(([box, intervals]) => intervals.map(({ from }) => ({ box, from })))
    .sort((a, b) => a.from - b.from)
    .map(({ box }) => box)
    .filter((box, index, all) => box !== all[index - 1])
