import type { Look } from './witness-report.ts'

/**
 * When each box was a holder, computed from the witness's looks. PURE. All instants are milliseconds of the machine's
 * monotonic clock. A *holder* answers ARP for the address or accepts new connections to it.
 */

/** Between two looks: the resolution of everything here. */
export const TICK_MS = 10

/** Looks in a row that all saw the same, from the first to the last of them. */
export type Sighting = {
  readonly from: number
  readonly to: number
  readonly arp: readonly string[]
  readonly accepts: readonly string[]
  /** Whose answers the last of these looks got, in the order of the capture. */
  readonly order: readonly string[]
  /** Longest time between two looks, up to the last of these. */
  readonly blindMs: number
}

export type Interval = { readonly from: number; readonly to: number }

/** What the LAN saw of an address in a period. */
export type HolderView = {
  /** When there were two holders or more; for how long in all, and in one piece. */
  readonly two: readonly Interval[]
  readonly twoMs: number
  readonly longestTwoMs: number
  /** Time with no holder at all, likewise. */
  readonly noneMs: number
  readonly longestNoneMs: number
  /** When each holder was one; the last instant is the last at which it answered. */
  readonly held: Readonly<Record<string, readonly Interval[]>>
  /** Longest time between two looks: TICK_MS, and more on a machine that is busy. What lies in it was not seen. */
  readonly blindMs: number
}

/** The sightings with one look more; the last one grows or a new one begins. */
export function addLook(sightings: Sighting[], { at, arp, accepts, order }: Look): void {
  const last = sightings.at(-1)
  const blindMs = last === undefined ? 0 : at - last.to
  if (last !== undefined && same(last.arp, arp) && same(last.accepts, accepts))
    sightings[sightings.length - 1] = { ...last, to: at, order, blindMs: Math.max(last.blindMs, blindMs) }
  else sightings.push({ from: at, to: at, arp, accepts, order, blindMs })
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join()

export const holdersIn = ({ arp, accepts }: Pick<Sighting, 'arp' | 'accepts'>): readonly string[] =>
  [...new Set([...arp, ...accepts])].sort()

export function viewHolders(sightings: readonly Sighting[], from: number, to: number): HolderView {
  const period = sightings.filter((each) => each.to >= from && each.from < to)
  const spans = period.map((each, index) => ({
    holders: holdersIn(each),
    from: Math.max(from, each.from),
    to: Math.min(to, lastsUntil(each, period[index + 1])),
  }))
  const two = joined(spans.filter(({ holders }, index) => holders.length > 1 && !isMove(period, index)))
  const none = joined(spans.filter(({ holders }) => holders.length === 0))
  const names = [...new Set(spans.flatMap(({ holders }) => holders))].sort()
  return {
    two,
    twoMs: total(two),
    longestTwoMs: longest(two),
    noneMs: total(none),
    longestNoneMs: longest(none),
    held: Object.fromEntries(names.map((name) => [name, joined(spans.filter((each) => each.holders.includes(name)))])),
    blindMs: Math.max(0, ...period.map((each) => each.blindMs)),
  }
}

/**
 * Whether the address moved while one look was asking. A look takes as long as its process waits for the CPU, and the old
 * holder's answers, then the new one's, are then no two holders. They are where one answers again after the other did.
 */
function isMove(period: readonly Sighting[], index: number): boolean {
  const [before, now, after] = [period[index - 1], period[index], period[index + 1]]
  if (now === undefined || now.from !== now.to) return false
  const answers = [before, now, after].flatMap((each) => each?.order ?? [])
  const turns = answers.filter((box, at) => box !== answers[at - 1])
  return turns.length === new Set(turns).size
}

/** What was seen counts until the next look, but not longer than one tick: later than that nobody looked. */
const lastsUntil = ({ to }: Sighting, next: Sighting | undefined): number =>
  to + Math.min(TICK_MS, (next?.from ?? Number.POSITIVE_INFINITY) - to)

/** Adjacent intervals as one; so are those between which one look was late. */
function joined(spans: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = []
  for (const { from, to } of spans) {
    const last = found.at(-1)
    if (last !== undefined && from - last.to < TICK_MS / 2) found[found.length - 1] = { from: last.from, to }
    else found.push({ from, to })
  }
  return found
}

const length = ({ from, to }: Interval): number => to - from
const total = (intervals: readonly Interval[]): number => intervals.reduce((sum, each) => sum + length(each), 0)
const longest = (intervals: readonly Interval[]): number => Math.max(0, ...intervals.map(length))
