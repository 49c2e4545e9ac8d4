import type { Micros } from '../../../src/shared/units.ts'
import type { SimClock } from './clock.ts'

/** Adverts, ARP, and the channel by path: `lan` and `path1`, `path2`, ... */
export type Link = 'advert' | 'arp' | 'lan' | `path${number}`

/** What lies between the boxes. Each direction of each link is cut, delays and loses by itself. */
export type Wires = {
  readonly send: (from: string, to: string, link: Link, run: () => void) => void
  /** By each of these paths; it gets through by one at least unless all are cut, or twice in a row it did not. */
  readonly sendByAny: (from: string, to: string, links: readonly Link[], run: (link: Link) => void) => void
  readonly cut: (from: string, to: string, ...links: readonly (Link | '*')[]) => void
  readonly heal: () => void
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
  const lostInRow = new Map<string, number>()
  const isCut = (from: string, to: string, link: Link): boolean =>
    cuts.has(`${from}>${to}:${link}`) || cuts.has(`${from}>${to}:*`)

  return {
    isCut,
    send: (from, to, link, run) => {
      if (!isCut(from, to, link) && !isLost(link)) clock.after(delay(link), run)
    },
    sendByAny: (from, to, links, run) => {
      const whole = links.filter((link) => !isCut(from, to, link))
      const through = whole.filter((link) => !isLost(link))
      const pair = `${from}>${to}`
      const before = lostInRow.get(pair) ?? 0
      const carried = through.length > 0 || before < mostLost ? through : whole
      lostInRow.set(pair, carried.length > 0 ? 0 : before + 1)
      for (const link of carried) clock.after(delay(link), () => run(link))
    },
    cut: (from, to, ...links) => {
      for (const link of links) cuts.add(`${from}>${to}:${link}`)
    },
    heal: () => cuts.clear(),
  }
}
