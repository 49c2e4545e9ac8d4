import { medianOf } from '../support/median.ts'
import type { Sample } from './measure.ts'

/** Medians of the samples of one kind, whole milliseconds; undefined where no sample has a value. PURE. */
export type Medians = Readonly<Record<Measure, number | undefined>>
type Measure = Exclude<keyof Sample, 'recovered'>

export function mediansOf(samples: readonly Sample[]): Medians {
  const of = (key: Measure): number | undefined => {
    const median = medianOf(samples.flatMap((sample) => sample[key] ?? []))
    return median === undefined ? undefined : Math.round(median)
  }
  return {
    twoMs: of('twoMs'),
    noneMs: of('noneMs'),
    outageMs: of('outageMs'),
    closedAfterMs: of('closedAfterMs'),
    healOutageMs: of('healOutageMs'),
    lookedMs: of('lookedMs'),
    blindMs: of('blindMs'),
  }
}
