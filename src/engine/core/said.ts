import { fromSeconds, type Micros, micros, minus } from '../../shared/units.ts'

/** How many lines of one kind may come at once, and after how long each of the following. */
const BURST = 5
const EVERY = fromSeconds(60)

/**
 * What has been said of one kind: a token bucket, so that no sender of ever changing nonsense fills the log. The last few
 * lines are known, so that a peer which is merely set up otherwise is not repeated with every packet. PURE.
 */
export type Said = {
  /** Time saved up: EVERY pays for a line. */
  readonly credit: Micros
  readonly at: Micros
  readonly recent: readonly string[]
  /** What was left unsaid since the last line. */
  readonly more: number
}

/** `line`: to be said now, after so many others that were not; undefined: not to be said. */
export type Saying = { readonly said: Said; readonly line: { readonly more: number } | undefined }

export function say(before: Said | undefined, what: string, now: Micros): Saying {
  const full = micros(BURST * EVERY)
  const said: Said = before ?? { credit: full, at: now, recent: [], more: 0 }
  if (said.recent.includes(what)) return { said, line: undefined }
  const credit = micros(Math.min(full, said.credit + minus(now, said.at)))
  if (credit < EVERY) return { said: { ...said, credit, at: now, more: said.more + 1 }, line: undefined }
  const recent = [...said.recent, what].slice(-BURST)
  return { said: { credit: minus(credit, EVERY), at: now, recent, more: 0 }, line: { more: said.more } }
}

/** The last lines may be said again, within the same bounds. */
export const forget = (said: Said): Said => ({ ...said, recent: [] })

export const andMore = (more: number): string => (more === 0 ? '' : ` (and ${more} more like it)`)
