import type { ReachAnswer } from './witness.ts'

/** PURE: answers of one reachability witness in a row, and what follows from them. */
export type ReachCount = {
  /** Why it is lost; undefined: it is there, or nothing else is known yet. */
  readonly lost: string | undefined
  /** Answers in a row that say otherwise. */
  readonly against: number
}

export const newReachCount: ReachCount = { lost: undefined, against: 0 }

export function countReach(
  { lost, against }: ReachCount,
  { ok, detail }: ReachAnswer,
  { rise, fall }: { readonly rise: number; readonly fall: number },
): ReachCount {
  if (ok === (lost === undefined)) return { lost: ok ? undefined : detail, against: 0 }
  if (against + 1 < (ok ? rise : fall)) return { lost, against: against + 1 }
  return { lost: ok ? undefined : detail, against: 0 }
}
