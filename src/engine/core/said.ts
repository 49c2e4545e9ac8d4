import { fromSeconds, type Micros } from '../../shared/units.ts'
import { type Bucket, draw, type Pace } from './bucket.ts'

/** How many lines of one kind may come at once, and after how long each of the following. */
const PACE: Pace = { burst: 5, every: fromSeconds(60) }
/** The last lines that are known. */
const KNOWN = 5

/**
 * What has been said of one kind, so that no sender of ever changing nonsense fills the log. The last few lines are known,
 * so that a peer which is merely set up otherwise is not repeated with every packet. PURE.
 */
export type Said = Bucket & {
  readonly recent: readonly string[]
  /** What was left unsaid since the last line. */
  readonly more: number
}

/** `line`: to be said now, after so many others that were not; undefined: not to be said. */
export type Saying = { readonly said: Said; readonly line: { readonly more: number } | undefined }

export function say(before: Said | undefined, what: string, now: Micros): Saying {
  const { recent, more } = before ?? { recent: [], more: 0 }
  if (before?.recent.includes(what)) return { said: before, line: undefined }
  const { bucket, paid } = draw(before, PACE, now)
  if (!paid) return { said: { ...bucket, recent, more: more + 1 }, line: undefined }
  return { said: { ...bucket, recent: [...recent, what].slice(-KNOWN), more: 0 }, line: { more } }
}

/** The last lines may be said again, within the same bounds. */
export const forget = (said: Said): Said => ({ ...said, recent: [] })

export const andMore = (more: number): string => (more === 0 ? '' : ` (and ${more} more like it)`)
