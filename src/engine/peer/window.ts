import { fromSeconds, type Micros, minus } from '../../shared/units.ts'

/** Which datagrams of one session have come, by which paths: what is new, what is the same again, what is a replay. PURE. */

/** One counter that came: when it came first, and the paths that have brought it. */
export type Arrival = { readonly counter: number; readonly at: Micros; readonly paths: readonly string[] }

/** The newest ones, by falling counter. */
export type Arrivals = readonly Arrival[]

export type Novelty = 'newest' | 'again' | 'late' | 'replayed'

const MOST_ARRIVALS = 64
/**
 * All paths are given a datagram at once: a copy that comes later than this after the first, or after a newer one, was held:
 * by a kernel that waited for ARP, or by somebody who wants a path to look well.
 */
const LONGEST_DELAY = fromSeconds(1)

export const highestOf = (arrivals: Arrivals): number => arrivals[0]?.counter ?? 0

/**
 * `newest`: what it says counts. `again`: no news, and its path works. `late`: no news of anything. `replayed`: came by this
 * path before, or is older than what is remembered.
 */
export function judge(arrivals: Arrivals, counter: number, path: string, now: Micros): Novelty {
  if (counter > highestOf(arrivals)) return 'newest'
  const isForgotten = arrivals.length === MOST_ARRIVALS && counter < (arrivals.at(-1)?.counter ?? 0)
  if (isForgotten) return 'replayed'
  if (arrivals.some((each) => each.counter === counter && each.paths.includes(path))) return 'replayed'
  const overtaken = arrivals.filter((each) => each.counter >= counter).map(({ at }) => at)
  return minus(now, Math.min(...overtaken) as Micros) <= LONGEST_DELAY ? 'again' : 'late'
}

/** To be called for what is newest or again. */
export function remember(arrivals: Arrivals, counter: number, path: string, now: Micros): Arrivals {
  const known = arrivals.find((each) => each.counter === counter)
  const arrival =
    known === undefined ? { counter, at: now, paths: [path] } : { ...known, paths: [...known.paths, path] }
  return [...arrivals.filter((each) => each !== known), arrival]
    .toSorted((a, b) => b.counter - a.counter)
    .slice(0, MOST_ARRIVALS)
}
