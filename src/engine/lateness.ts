import { type Micros, micros } from '../shared/units.ts'

/** How late the loop woke up, over the last `size` timer wake-ups. */
export type Lateness = {
  readonly record: (late: Micros) => void
  /**
   * Percentiles in microseconds, to 2 %; all 0 before the first wake-up. `max` is over the whole life of the engine. Costs
   * little: it is told to other nodes with each report.
   */
  readonly summary: () => { readonly p50: Micros; readonly p99: Micros; readonly max: Micros }
}

/** From one bucket to the next. */
const GROWTH = 1.04
/** Up to 20 minutes; what is later counts as that. */
const BUCKETS = 536

const bucketOf = (late: Micros): number =>
  late < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(late) / Math.log(GROWTH)))

/** The middle of a bucket. */
const middleOf = (bucket: number): number => (bucket === 0 ? 0 : GROWTH ** (bucket - 0.5))

export function createLateness(size = 1024): Lateness {
  const ring = new Uint16Array(size)
  const counts = new Uint32Array(BUCKETS)
  let count = 0
  let max = 0

  /** That of the n-th in order, from 0. */
  const nth = (n: number): Micros => {
    let passed = 0
    const bucket = counts.findIndex((each) => {
      passed += each
      return passed > n
    })
    return micros(Math.min(max, middleOf(Math.max(0, bucket))))
  }
  return {
    record: (late) => {
      const at = count % size
      if (count >= size) counts[ring[at] ?? 0] = (counts[ring[at] ?? 0] ?? 1) - 1
      const bucket = bucketOf(late)
      ring[at] = bucket
      counts[bucket] = (counts[bucket] ?? 0) + 1
      count += 1
      max = Math.max(max, late)
    },
    summary: () => {
      const last = Math.max(0, Math.min(count, size) - 1)
      return { p50: nth(Math.floor(last * 0.5)), p99: nth(Math.floor(last * 0.99)), max: micros(max) }
    },
  }
}
