/**
 * Who answered for each of many addresses, from the rounds of questions of `witness-process.ts`. PURE. Instants are
 * milliseconds of CLOCK_MONOTONIC.
 */

/** One round: each address was asked for once. Only what differs from the round before is told. */
export type Round = {
  readonly at: number
  /** Number of the address, and who answered: a bit for each box, NOBODY for none. */
  readonly changes: readonly (readonly [address: number, answered: number])[]
}

export const NOBODY = 0
/** Whoever is none of the boxes. */
export const STRANGER = 1 << 2
export const bitOf = (box: 'web1' | 'web2'): number => (box === 'web1' ? 1 : 2)
const isTwo = (answered: number): boolean => (answered & (answered - 1)) !== 0

/** What the LAN saw in a period. */
export type View = {
  /** How many addresses were answered for by two at once, and the longest time in which one was. */
  readonly twoAddresses: number
  readonly longestTwoMs: number
  /** The longest time in which nobody answered for an address, and how many had such a time at all. */
  readonly longestNoneMs: number
  readonly noneAddresses: number
  /** Longest time between two rounds. */
  readonly blindMs: number
}

export type Sightings = {
  readonly add: (round: Round) => void
  /** Since when all addresses are answered for by this box; undefined: they are not. */
  readonly servedSince: (bit: number) => number | undefined
  /** Likewise, by it alone. */
  readonly aloneSince: (bit: number) => number | undefined
  /** How many are answered for by exactly these. */
  readonly count: (answered: number) => number
  /** The last round. */
  readonly until: () => number | undefined
  readonly view: (from: number, to: number) => View
}

type Span = { readonly address: number; readonly answered: number; readonly from: number; readonly to: number }

export function createSightings(addresses: number): Sightings {
  const now = Array.from({ length: addresses }, () => ({ answered: NOBODY, since: 0 }))
  const over: Span[] = []
  const counts = new Map<number, number>([[NOBODY, addresses]])
  const rounds: number[] = []
  const served = new Map<number, number>()
  const alone = new Map<number, number>()
  const add = ({ at, changes }: Round): void => {
    for (const [address, answered] of changes) {
      const before = now[address]
      if (before === undefined) continue
      over.push({ address, answered: before.answered, from: before.since, to: at })
      counts.set(before.answered, (counts.get(before.answered) ?? 0) - 1)
      counts.set(answered, (counts.get(answered) ?? 0) + 1)
      now[address] = { answered, since: at }
    }
    rounds.push(at)
    for (const bit of BITS) {
      note(served, bit, at, total(counts, (answered) => (answered & bit) !== 0) === addresses)
      note(alone, bit, at, counts.get(bit) === addresses)
    }
  }
  const spans = (from: number, to: number): readonly Span[] => {
    const last = rounds.at(-1) ?? 0
    const open = now.map(({ answered, since }, address) => ({ address, answered, from: since, to: last }))
    return [...over, ...open]
      .map((each) => ({ ...each, from: Math.max(from, each.from), to: Math.min(to, each.to) }))
      .filter((each) => each.to > each.from)
  }
  return {
    add,
    servedSince: (bit) => served.get(bit),
    aloneSince: (bit) => alone.get(bit),
    count: (answered) => counts.get(answered) ?? 0,
    until: () => rounds.at(-1),
    view: (from, to) => viewOf(spans(from, to), longestBreak(rounds, from, to)),
  }
}

const BITS = [bitOf('web1'), bitOf('web2')]

function note(since: Map<number, number>, bit: number, at: number, isSo: boolean): void {
  if (!isSo) since.delete(bit)
  else if (!since.has(bit)) since.set(bit, at)
}

const total = (counts: ReadonlyMap<number, number>, counted: (answered: number) => boolean): number =>
  [...counts].reduce((sum, [answered, count]) => sum + (counted(answered) ? count : 0), 0)

function viewOf(spans: readonly Span[], blindMs: number): View {
  const two = spans.filter(({ answered }) => isTwo(answered))
  const none = spans.filter(({ answered }) => answered === NOBODY)
  return {
    twoAddresses: new Set(two.map(({ address }) => address)).size,
    longestTwoMs: longest(two),
    longestNoneMs: longest(none),
    noneAddresses: new Set(none.map(({ address }) => address)).size,
    blindMs,
  }
}

const longest = (spans: readonly Span[]): number => Math.max(0, ...spans.map(({ from, to }) => to - from))

function longestBreak(rounds: readonly number[], from: number, to: number): number {
  const inside = rounds.filter((at) => at >= from && at <= to)
  return inside.reduce((most, at, index) => Math.max(most, at - (inside[index - 1] ?? at)), 0)
}
