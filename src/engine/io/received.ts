import { readFileSync } from 'node:fs'

/** How many packets have come in on each interface of this network namespace, as the kernel counts them. */

/** `/proc/self/net/dev`: two lines of titles, then `  eth0: BYTES PACKETS ERRORS ...`. */
const RECEIVED = /^ *([^:\s]+): *\d+ +(\d+)/gm

export const parseReceived = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(RECEIVED)].map(([, name = '', packets]) => [name, Number(packets)]))

/** Undefined: there is no such interface, or the kernel does not tell. */
export function readReceived(name: string): number | undefined {
  try {
    return parseReceived(readFileSync('/proc/self/net/dev', 'utf8')).get(name)
  } catch {
    return undefined
  }
}

/** Looks that are further apart than this are about different things; milliseconds. */
const GOES_ON_MS = 2_000

type Seen = {
  readonly packets: number
  readonly since: number
  readonly lookedAt: number
  /** The first of the looks that go on. */
  readonly first: { readonly packets: number; readonly at: number }
}

/**
 * Since when nothing at all has come in on an interface, as far as was looked. `now` in milliseconds of any clock that does
 * not jump.
 */
export function createSilence(read: (name: string) => number | undefined = readReceived) {
  const seen = new Map<string, Seen>()
  return {
    /** For how long nothing has come in until now; 0 at the first look, and when the kernel does not tell. */
    lasts: (name: string, now: number): number => {
      const packets = read(name)
      if (packets === undefined) {
        seen.delete(name)
        return 0
      }
      const before = seen.get(name)
      const since = before?.packets === packets ? before.since : now
      const goesOn = before !== undefined && now - before.lookedAt <= GOES_ON_MS
      seen.set(name, { packets, since, lookedAt: now, first: goesOn ? before.first : { packets, at: now } })
      return now - since
    },
    /** Whether nothing has come in from the first of the looks that go on to the last one, and that was so long. */
    isWhole: (name: string, ms: number): boolean => {
      const last = seen.get(name)
      return last !== undefined && last.packets === last.first.packets && last.lookedAt - last.first.at >= ms
    },
  }
}
