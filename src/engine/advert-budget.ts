import type { Micros } from '../shared/units.ts'
import type { InstancePlan } from './core/types.ts'
import { createPacketBudget, WINDOW } from './packet-budget.ts'
import type { Priority } from './vrrp/types.ts'

/** More than a router sends and answers in a window, be its adverts of 10 ms or slower than the window. */
const MOST_OF_FAST = 16
const MOST_OF_SLOW = 2

type What = { readonly from: string; readonly priority: Priority; readonly ours: Priority } | 'bad'

/**
 * How many packets of an instance are looked at. Of one kind are those of a node, or of all other senders together, that are
 * releases, or of a lower, equal or higher priority than ours; and all bad ones.
 */
export type AdvertBudget = { readonly allows: (plan: InstancePlan, what: What, now: Micros) => boolean }

export function createAdvertBudget(): AdvertBudget {
  const budget = createPacketBudget()
  const bad = createPacketBudget()
  return {
    allows: ({ name, peers, router }, what, now) => {
      const most = router.advertInterval < WINDOW ? MOST_OF_FAST : MOST_OF_SLOW
      if (what === 'bad') return bad.allows({ node: undefined, kind: name, most }, now)
      const isNode = peers.some(({ address }) => address === what.from)
      const kind = `${name} ${effectOf(what.priority, what.ours)}`
      return budget.allows({ node: isNode ? what.from : undefined, kind, most }, now)
    },
  }
}

function effectOf(theirs: Priority, ours: Priority): 'release' | 'lower' | 'equal' | 'higher' {
  if (theirs === 0) return 'release'
  if (theirs === ours) return 'equal'
  return theirs < ours ? 'lower' : 'higher'
}
