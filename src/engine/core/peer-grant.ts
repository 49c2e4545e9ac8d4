import { fromSeconds, type Micros, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { alive, type Other, type View } from './peer-view.ts'
import type { InstanceRuntime } from './types.ts'

/**
 * Leave to claim: a node that wants to claim asks every other one that is alive, and goes on when all have given it. Whoever
 * gave leave does not claim itself until it is told that the claim is over, or `GRANT_FOR` after it gave it last. PURE.
 */

/** Longer than a claimant needs from the last answer to its first advert; it counts from when the claim was last heard. */
const GRANT_FOR = fromSeconds(1)

export function giveLeave(runtime: InstanceRuntime, view: View): InstanceRuntime {
  const { peer } = runtime
  const claimant = best(alive(view).filter(({ says }) => says?.claim !== undefined))
  const claim = claimant?.says?.claim
  if (claimant === undefined || claim === undefined) {
    return peer.grant === undefined ? runtime : { ...runtime, peer: { ...peer, grant: undefined } }
  }
  if (!yieldsTo(runtime, view, claimant)) {
    return peer.grant === undefined ? runtime : { ...runtime, peer: { ...peer, grant: undefined } }
  }
  const heardAt = claimant.facts.heardAt ?? view.now
  const until = plus(heardAt, GRANT_FOR)
  if (until <= view.now) return { ...runtime, peer: { ...peer, grant: undefined } }
  return { ...runtime, peer: { ...peer, claim: undefined, grant: { to: claimant.name, claim, until } } }
}

/** Not while this node holds the addresses, or moves them, or wants them itself and is the better one. */
function yieldsTo({ peer, router }: InstanceRuntime, view: View, claimant: Other): boolean {
  if (peer.holding || peer.move !== undefined || router.phase.kind === 'master') return false
  return peer.claim === undefined || compareRank(claimant.rank, view.rank) > 0
}

const best = (others: readonly Other[]): Other | undefined => others.toSorted((a, b) => compareRank(b.rank, a.rank))[0]

/** Whether everybody who is alive has given leave to this very claim. */
export const hasLeave = (view: View, id: number): boolean =>
  alive(view).every(({ says }) => says?.grant?.to === view.self && says.grant.claim === id)

export const grantDeadline = ({ peer: { grant } }: InstanceRuntime): Micros | undefined => grant?.until
