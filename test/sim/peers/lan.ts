import type { Micros } from '../../../src/shared/units.ts'
import type { SimClock } from './clock.ts'

/**
 * Adverts, ARP, the ends of connections (`stream`: hints of death), and the channel by path: `lan` and `path1`, ...
 */
export type Link = 'advert' | 'arp' | 'stream' | 'lan' | `path${number}`

/** What is wrong with one direction of one link. */
export type Flaw = {
  /** Of all that is sent, this part is lost. */
  readonly loses?: (() => boolean) | undefined
  /** On top of what the link takes anyway: longer for some than for others, so that they overtake each other. */
  readonly delays?: (() => Micros) | undefined
  /** Datagrams with more bytes are dropped (a path with a small MTU, and no word of it). */
  readonly largest?: number | undefined
}

/** What lies between the boxes. Each direction of each link is cut, delays and loses by itself. */
export type Wires = {
  readonly send: (from: string, to: string, link: Link, run: () => void) => void
  /** By each of these paths; it gets through by one at least unless all are cut, or twice in a row it did not. */
  readonly sendByAny: (
    from: string,
    to: string,
    links: readonly Link[],
    bytes: () => number,
    run: (link: Link) => void,
  ) => void
  readonly cut: (from: string, to: string, ...links: readonly (Link | '*')[]) => void
  readonly spoil: (from: string, to: string, link: Link, flaw: Flaw) => void
  /** All of it, or one direction of one link. */
  readonly heal: (from?: string, to?: string, link?: Link | '*') => void
  readonly isCut: (from: string, to: string, link: Link) => boolean
}

export type WireQuality = {
  readonly delay: (link: Link) => Micros
  readonly isLost: (link: Link) => boolean
  /** How often in a row everything that one node says to another may be lost. */
  readonly mostLost: number
}

export function createWires(clock: SimClock, { delay, isLost, mostLost }: WireQuality): Wires {
  const cuts = new Set<string>()
  const flaws = new Map<string, Flaw>()
  const lostInRow = new Map<string, number>()
  const key = (from: string, to: string, link: Link | '*'): string => `${from}>${to}:${link}`
  const isCut = (from: string, to: string, link: Link): boolean =>
    cuts.has(key(from, to, link)) || cuts.has(key(from, to, '*'))
  /** For as long as the flaw lasts; chance of its own, which nothing makes up for. */
  const passes = (from: string, to: string, link: Link, bytes: () => number): boolean => {
    const flaw = flaws.get(key(from, to, link))
    if (isCut(from, to, link) || flaw?.loses?.() === true) return false
    return flaw?.largest === undefined || bytes() <= flaw.largest
  }
  const carry = (from: string, to: string, link: Link, run: () => void): void => {
    const extra = flaws.get(key(from, to, link))?.delays?.() ?? 0
    clock.after((delay(link) + extra) as Micros, run)
  }

  return {
    isCut,
    send: (from, to, link, run) => {
      if (passes(from, to, link, () => 0) && !isLost(link)) carry(from, to, link, run)
    },
    sendByAny: (from, to, links, bytes, run) => {
      const whole = links.filter((link) => passes(from, to, link, bytes))
      const through = whole.filter((link) => !isLost(link))
      const pair = `${from}>${to}`
      const before = lostInRow.get(pair) ?? 0
      const carried = through.length > 0 || before < mostLost ? through : whole
      lostInRow.set(pair, carried.length > 0 ? 0 : before + 1)
      for (const link of carried) carry(from, to, link, () => run(link))
    },
    cut: (from, to, ...links) => {
      for (const link of links) cuts.add(key(from, to, link))
    },
    spoil: (from, to, link, flaw) => flaws.set(key(from, to, link), flaw),
    heal: (from, to, link) => {
      if (from === undefined || to === undefined || link === undefined) {
        cuts.clear()
        flaws.clear()
        return
      }
      cuts.delete(key(from, to, link))
      if (link !== '*') flaws.delete(key(from, to, link))
    },
  }
}
