import { fromMillis, type Micros, plus, ZERO } from '../shared/units.ts'

/** So short a time that what comes in it more than a few times says nothing new. */
export const WINDOW = fromMillis(20)
/** Of all that comes from no node: others have no need of so much. */
const MOST_OF_STRANGERS = 64
/** Of one node: it may answer for hundreds of instances at once. */
const MOST_OF_NODE = 512

/** Where a packet seems to come from (undefined: no node), its kind, and how many of that kind are looked at. */
export type PacketKind = { readonly node: string | undefined; readonly kind: string; readonly most: number }

/**
 * How many packets are looked at in a window: a flood must not keep the loop from its timers. Packets of one kind have the
 * same effect, so that no forged one takes the place of a good one.
 */
export type PacketBudget = { readonly allows: (packet: PacketKind, now: Micros) => boolean }

export function createPacketBudget(): PacketBudget {
  let windowEnds = ZERO
  const counts = new Map<string, number>()
  const spend = (key: string, most: number): boolean => {
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count <= most
  }
  return {
    allows: ({ node, kind, most }, now) => {
      if (now >= windowEnds) {
        windowEnds = plus(now, WINDOW)
        counts.clear()
      }
      const from = node ?? 'no node'
      return spend(`${from} ${kind}`, most) && spend(from, node === undefined ? MOST_OF_STRANGERS : MOST_OF_NODE)
    },
  }
}
