import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import { type Micros, plus } from '../../shared/units.ts'
import type { PeerFacts, PeerInstance } from './types.ts'

/** What the facts about another node amount to. PURE. */

/**
 * `unknown`: never heard in this life of ours. `left`: said farewell. `died`: its engine's connection ended without one; a
 * hint only. `silent`: nothing by any path for as long as a backup waits for a master.
 */
export type Life = 'unknown' | 'alive' | 'silent' | 'died' | 'left'

/** `wait`: how long a node may be silent, as in Master_Down_Interval. */
export function lifeOf({ report, heardAt, brokenAt }: PeerFacts, wait: Micros, now: Micros): Life {
  if (report === undefined || heardAt === undefined) return 'unknown'
  if (report.leaving) return 'left'
  if (brokenAt !== undefined && brokenAt >= heardAt) return 'died'
  return now < plus(heardAt, wait) ? 'alive' : 'silent'
}

export const instanceOf = ({ report }: PeerFacts, name: string): PeerInstance | undefined =>
  report?.instances.find((each) => each.name === name)

/** What decides who is the better one to hold an instance, from the weightiest to the least. */
export type Rank = { readonly ready: boolean; readonly priority: number; readonly address: Ipv4 }

/** Positive: `a` is the better one. Both sides compute alike, so that never both are. */
export const compareRank = (a: Rank, b: Rank): number =>
  Number(a.ready) - Number(b.ready) || a.priority - b.priority || compareIpv4(a.address, b.address)
