import type { Captured } from './witness-capture.ts'
import type { Look, WitnessReport } from './witness-report.ts'

/** Puts what was asked and what was captured together into looks. PURE. */
export type Looks = {
  /** Begins a look; returns the port from which its connections are to be asked for. */
  readonly ask: (at: number) => number
  readonly captured: (what: Captured) => void
  /** Everything that is complete since the last call. */
  readonly take: () => WitnessReport
}

/** Below the ports that the kernel itself gives out, so that nobody else's connections are taken for ours. */
const FIRST_PORT = 1_024
const PORTS = 30_000
/** A look is complete when the capture has come to the one so many later: answers are given within 50 ms. */
const PATIENCE = 5

type Open = {
  readonly at: number
  readonly arp: Set<string>
  readonly accepts: Set<string>
  readonly order: string[]
}

/** `nameOf` tells the box of a hardware address. */
export function createLooks(nameOf: (mac: string) => string): Looks {
  const open = new Map<number, Open>()
  let asked = 0
  let reached = 0
  let looks: Look[] = []
  let announcements: { at: number; box: string }[] = []

  const indexOf = (port: number): number | undefined => {
    // The newest look that was asked from this port.
    const behind = (((asked - 1 + FIRST_PORT - port) % PORTS) + PORTS) % PORTS
    const index = asked - 1 - behind
    return index >= 0 && (index >= reached || open.has(index)) ? index : undefined
  }
  const reach = (index: number) => {
    reached = Math.max(reached, index)
    for (const [each, { at, arp, accepts, order }] of open) {
      if (each > reached - PATIENCE) return
      looks.push({ at, arp: [...arp].sort(), accepts: [...accepts].sort(), order })
      open.delete(each)
    }
  }
  const answered = (look: Open | undefined, kind: 'arp' | 'accepts', mac: string) => {
    if (look === undefined) return
    const box = nameOf(mac)
    look[kind].add(box)
    if (look.order.at(-1) !== box) look.order.push(box)
  }
  const captured = (what: Captured) => {
    const now = open.get(reached)
    switch (what.kind) {
      case 'asked':
        reach(indexOf(what.port) ?? reached)
        return
      case 'claims':
        answered(now, 'arp', what.mac)
        return
      case 'accepts':
        answered(open.get(indexOf(what.port) ?? -1), 'accepts', what.mac)
        return
      case 'announces':
        if (now !== undefined) announcements.push({ at: now.at, box: nameOf(what.mac) })
        return
    }
  }
  const take = (): WitnessReport => {
    const taken = { looks, announcements }
    looks = []
    announcements = []
    return taken
  }
  return {
    ask: (at) => {
      open.set(asked, { at, arp: new Set(), accepts: new Set(), order: [] })
      asked += 1
      return FIRST_PORT + ((asked - 1) % PORTS)
    },
    captured,
    take,
  }
}
