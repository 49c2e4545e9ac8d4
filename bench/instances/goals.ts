import type { Event, Figures } from './measure.ts'

/** What haup promises with many instances. PURE. */

/** Master_Down_Interval at priority 100 with adverts of 1 s, and one report; see docs/decisions.md. */
export const T_MS = 3_610 + 1_000
/** A little more than a round of the witness. */
const LOOK_MS = 50
export const GOAL = { cpuPercent: 10, residentMb: 130, settledMs: 2 * T_MS, noneMs: T_MS } as const
/** Measured loads differ from run to run. */
const LINEAR = 1.25

/** What an event misses; empty: nothing. */
export function missedBy({ settledMs, longestNoneMs, twoAddresses }: Event): readonly string[] {
  return [
    ...(settledMs === undefined || settledMs > GOAL.settledMs + LOOK_MS ? ['settled'] : []),
    ...(longestNoneMs > GOAL.noneMs + LOOK_MS ? ['none'] : []),
    ...(twoAddresses > 0 ? ['two'] : []),
  ]
}

/** What the loads miss. */
export function missedByLoad({ startedMs, master, backup }: Figures): readonly string[] {
  const loads = [master, backup]
  return [
    ...(startedMs === undefined ? ['start'] : []),
    ...(loads.some(({ cpuPercent }) => cpuPercent > GOAL.cpuPercent) ? ['CPU'] : []),
    ...(loads.some(({ residentMb }) => residentMb > GOAL.residentMb) ? ['memory'] : []),
  ]
}

/** Whether an instance costs about as much among many as among few: fixed costs make it cheaper, nothing dearer. */
export function isLinear(measured: readonly { readonly count: number; readonly figures: Figures }[]): boolean {
  const each = (box: 'master' | 'backup') =>
    measured.toSorted((a, b) => a.count - b.count).map(({ count, figures }) => figures[box].cpuPercent / count)
  const grows = (costs: readonly number[]): boolean =>
    costs.some((cost, index) => costs.slice(0, index).some((fewer) => cost > LINEAR * fewer))
  return !grows(each('master')) && !grows(each('backup'))
}
