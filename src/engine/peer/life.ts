import { compareIpv4, type Ipv4 } from '../../shared/ip.ts'
import { type Micros, plus } from '../../shared/units.ts'
import type { Told } from './told.ts'
import type { Readiness } from './types.ts'

/** What the facts about another node amount to. PURE. */

/**
 * `unknown`: never heard in this life of ours. `left`: said farewell. `died`: its engine's connection ended without one; a
 * hint only. `silent`: nothing by any path for as long as a backup waits for a master.
 */
export type Life = 'unknown' | 'alive' | 'silent' | 'died' | 'left'

/** `wait`: how long a node may be silent, as in Master_Down_Interval. */
export function lifeOf({ head, heardAt, brokenAt }: LifeSigns, wait: Micros, now: Micros): Life {
  if (head === undefined || heardAt === undefined) return 'unknown'
  if (head.leaving) return 'left'
  if (brokenAt !== undefined && brokenAt >= heardAt) return 'died'
  return now < plus(heardAt, wait) ? 'alive' : 'silent'
}

type LifeSigns = Pick<Told, 'head' | 'heardAt' | 'brokenAt'>

/** What decides who is the better one to hold an instance, from the weightiest to the least. */
export type Rank = { readonly readiness: Readiness; readonly priority: number; readonly address: Ipv4 }

/** Serves before in standby before cannot: an administrator's standby is no reason to leave the addresses to nobody. */
const READINESS: Readonly<Record<Readiness, number>> = { serves: 2, standby: 1, unable: 0 }

/** Positive: `a` is the better one. Both sides compute alike, so that never both are. */
export const compareRank = (a: Rank, b: Rank): number =>
  READINESS[a.readiness] - READINESS[b.readiness] || a.priority - b.priority || compareIpv4(a.address, b.address)
