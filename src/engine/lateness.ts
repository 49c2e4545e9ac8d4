import type { Micros } from '../shared/units.ts'

/** How late the loop woke up, over the last `size` timer wake-ups. */
export type Lateness = {
  readonly record: (late: Micros) => void
  /** Percentiles in microseconds; all 0 before the first wake-up. `max` is over the whole life of the engine. */
  readonly summary: () => { readonly p50: Micros; readonly p99: Micros; readonly max: Micros }
}

export function createLateness(size = 1024): Lateness {
  const ring = new Float64Array(size)
  let count = 0
  let max = 0
  return {
    record: (late) => {
      ring[count % size] = late
      count += 1
      max = Math.max(max, late)
    },
    summary: () => {
      const sorted = ring.slice(0, Math.min(count, size)).sort()
      const at = (share: number): Micros => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0) as Micros
      return { p50: at(0.5), p99: at(0.99), max: max as Micros }
    },
  }
}
