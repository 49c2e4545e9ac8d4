import { fromSeconds, type Micros, minus } from '../../shared/units.ts'
import type { PeerTrouble } from '../ports.ts'
import { now } from './clock.ts'

/** Trouble of one kind with one node is said this often at most. */
const QUIET = fromSeconds(10)

export type Troubles = {
  /** Counts, and tells now and then. `node` is who seems to have sent it. */
  readonly report: (trouble: PeerTrouble, node: string | undefined) => void
  /** Counts only. */
  readonly count: (kind: string) => void
  readonly counts: () => Readonly<Record<string, number>>
}

export function createTroubles(onTrouble: (trouble: PeerTrouble) => void): Troubles {
  const counts = new Map<string, number>()
  const saidAt = new Map<string, Micros>()
  const count = (kind: string): void => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return {
    count,
    report: (trouble, node) => {
      count(trouble.kind)
      const key = `${trouble.kind} ${node ?? ''}`
      const before = saidAt.get(key)
      if (before !== undefined && minus(now(), before) < QUIET) return
      saidAt.set(key, now())
      onTrouble(trouble)
    },
    counts: () => Object.fromEntries(counts),
  }
}
