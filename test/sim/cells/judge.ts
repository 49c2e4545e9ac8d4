import { type Micros, plus } from '../../../src/shared/units.ts'
import type { Cell } from './enumerate.ts'
import { excusesOf } from './exceptions.ts'
import type { Span, watchService } from './service.ts'

/** What was wrong in a cell, by kind; the log of its world for whoever looks into it. */
export type Outcome = {
  readonly cell: Cell
  readonly seed: number
  readonly problems: readonly Problem[]
  /** Undefined: it never began. */
  readonly served: Served | undefined
  readonly log: readonly string[]
}

/** Who answers clients in the end, while the faults last, and for how long nobody did at most. */
export type Served = { readonly by: string; readonly nobodyFor: Micros }

export type Problem = {
  readonly kind:
    | 'two'
    | 'none'
    | 'dark'
    | 'flaps'
    | 'storm'
    | 'noise'
    | 'unsettled'
    | 'restless'
    | 'status'
    | 'never began'
  readonly text: string
}

/** Somebody claims as one of the last resort, and waits longer. */
export const stepsBack = ({ faults }: Cell): boolean =>
  faults.some(
    ({ kind }) => kind.of === 'node' && ['service', 'standby', 'failover', 'address', 'witness'].includes(kind.state),
  )

/** Both halves of the promise: never two, and somebody within T; and no coming and going. */
export function judge(
  cell: Cell,
  seen: ReturnType<ReturnType<typeof watchService>['seen']>,
  changes: number,
  limit: Micros,
  healedAt: Micros,
): readonly Problem[] {
  const problems: Problem[] = []
  const splits = excusesOf(cell, 'two')
  const isExcused = ({ from, until }: Span): boolean =>
    splits.some(({ most }) => (most === undefined ? until <= plus(healedAt, limit) : until - from <= most))
  const two = seen.doubles.filter((each) => !isExcused(each))
  const [double] = two
  if (double !== undefined) {
    const text = `${double.who} at ${at(double.from)} for ${seconds(double.until - double.from)}; ${two.length} times`
    problems.push({ kind: 'two', text })
  }
  const mayBeNone = excusesOf(cell, 'none').length > 0
  const longest = seen.gaps.toSorted((a, b) => b.until - b.from - (a.until - a.from))[0]
  const dark = seen.gaps.reduce((sum, { from, until }) => sum + until - from, 0)
  if (!mayBeNone && longest !== undefined && longest.until - longest.from > limit) {
    const text = `nobody from ${at(longest.from)} for ${seconds(longest.until - longest.from)} (T ${seconds(limit)}), in all ${seconds(dark)}`
    problems.push({ kind: 'none', text })
  } else if (!mayBeNone && dark > (changes + 1) * limit) {
    problems.push({ kind: 'dark', text: `nobody for ${seconds(dark)} in ${seen.gaps.length} pieces` })
  }
  const most = 2 * changes + 2
  if (seen.claims > most) problems.push({ kind: 'flaps', text: `${seen.claims} claims, ${most} at most` })
  return problems
}

export const at = (when: Micros): string => (when / 1e6).toFixed(4)
export const seconds = (span: number): string => `${(span / 1e6).toFixed(2)} s`
