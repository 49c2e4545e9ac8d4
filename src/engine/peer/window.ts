import { fromSeconds, type Micros, minus } from '../../shared/units.ts'

/** Which datagrams of one session have come, by which paths: what is new, what is the same again, what is a replay. PURE. */

/** One counter that came: when it came first, and the paths that have brought it. */
export type Arrival = { readonly counter: number; readonly at: Micros; readonly paths: readonly string[] }

/** The newest ones, by falling counter. */
export type Arrivals = readonly Arrival[]

export type Novelty = 'newest' | 'overtaken' | 'again' | 'late' | 'replayed'

/** Some seconds of the longest reports. */
const MOST_ARRIVALS = 256
/**
 * All paths are given a datagram at once: a copy that comes later than this after the first, or after a newer one, was held:
 * by a kernel that waited for ARP, or by somebody who wants a path to look well.
 */
const LONGEST_DELAY = fromSeconds(1)

export const highestOf = (arrivals: Arrivals): number => arrivals[0]?.counter ?? 0

/**
 * `newest`: what it says counts. `overtaken`: what it says counts where nothing newer was said. `again`: no news, and its path
 * works. `late`: no news of anything. `replayed`: came by this path before, or is older than what is remembered.
 */
export function judge(arrivals: Arrivals, counter: number, path: string, now: Micros): Novelty {
  if (counter > highestOf(arrivals)) return 'newest'
  const isForgotten = arrivals.length === MOST_ARRIVALS && counter < (arrivals.at(-1)?.counter ?? 0)
  if (isForgotten) return 'replayed'
  const known = arrivals.find((each) => each.counter === counter)
  if (known?.paths.includes(path) === true) return 'replayed'
  const overtaken = arrivals.filter((each) => each.counter >= counter).map(({ at }) => at)
  if (minus(now, Math.min(...overtaken) as Micros) > LONGEST_DELAY) return 'late'
  return known === undefined ? 'overtaken' : 'again'
}

/** To be called for what is newest, overtaken or again. */
export function remember(arrivals: Arrivals, counter: number, path: string, now: Micros): Arrivals {
  const newer = arrivals.findIndex((each) => each.counter <= counter)
  const place = newer < 0 ? arrivals.length : newer
  const known = arrivals[place]
  if (known?.counter === counter) return arrivals.with(place, { ...known, paths: [...known.paths, path] })
  return arrivals.toSpliced(place, 0, { counter, at: now, paths: [path] }).slice(0, MOST_ARRIVALS)
}
