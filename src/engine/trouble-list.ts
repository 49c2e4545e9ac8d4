import type { Warning } from '../control/messages.ts'
import { fromSeconds, type Micros, minus } from '../shared/units.ts'

/** Trouble that goes on is told each ten seconds (io/peer-troubles.ts). */
const SHOWN_FOR = fromSeconds(25)

export type TroubleList = {
  readonly add: (node: string, warning: Warning) => void
  /** The node has been heard: what was said of it is over. */
  readonly forget: (node: string) => void
  readonly list: () => readonly Warning[]
}

/** The latest trouble with each node, for `haup status`: one of each kind. */
export function createTroubleList(now: () => Micros): TroubleList {
  const found = new Map<string, { readonly node: string; readonly at: Micros; readonly warning: Warning }>()
  return {
    add: (node, warning) => {
      found.set(`${node} ${warning.code}`, { node, at: now(), warning })
    },
    forget: (node) => {
      if (found.size === 0) return
      for (const [key, each] of found) if (each.node === node) found.delete(key)
    },
    list: () => [...found.values()].filter(({ at }) => minus(now(), at) < SHOWN_FOR).map(({ warning }) => warning),
  }
}
