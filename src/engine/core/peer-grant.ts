import { type Micros, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { answersFor } from './gate-deadline.ts'
import { absent, alive, isListening, mayClaim, type Other, type View, waitFor } from './peer-view.ts'
import type { InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Leave to claim: a node that wants to claim asks every other one that is alive, and goes on when all have given it. PURE.
 * Whoever gave leave does not claim, and gives leave to nobody else, until that node says that its claim is over, or has
 * been silent for as long as a backup waits for a master: so long its gate may be open by what was acknowledged to it
 * (hold-limit.ts). Where a majority is needed, two nodes that do not hear each other must not both have the third one's leave.
 */
export function giveLeave(instance: InstancePlan, runtime: InstanceRuntime, view: View): InstanceRuntime {
  const { peer } = runtime
  const given = standing(instance, runtime, view)
  if (given !== undefined) return withGrant(runtime, given)
  const claimant = best(alive(view).filter(({ says }) => says?.claim !== undefined))
  const claim = claimant?.says?.claim
  if (claimant === undefined || claim === undefined || !yieldsTo(runtime, view, claimant)) {
    return peer.grant === undefined ? runtime : { ...runtime, peer: { ...peer, grant: undefined } }
  }
  return withGrant(runtime, { to: claimant.name, claim, until: untilOf(instance, runtime, view, claimant) })
}

type Grant = NonNullable<InstanceRuntime['peer']['grant']>

/** Leave that was given, as far as it still binds. */
function standing(instance: InstancePlan, runtime: InstanceRuntime, view: View): Grant | undefined {
  const { grant } = runtime.peer
  const claimant = view.others.find(({ name }) => name === grant?.to)
  if (grant === undefined || claimant === undefined || claimant.says?.claim !== grant.claim) return undefined
  const until = untilOf(instance, runtime, view, claimant)
  return until > view.now ? { ...grant, until } : undefined
}

const untilOf = (instance: InstancePlan, runtime: InstanceRuntime, { now }: View, { facts }: Other): Micros =>
  plus(facts.heardAt ?? now, waitFor(instance, runtime, facts, now))

const withGrant = (runtime: InstanceRuntime, grant: Grant): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, claim: undefined, grant },
})

/** Not while this node or another one holds the addresses, or moves them, or this one asks for them and is the better one. */
function yieldsTo({ peer, router }: InstanceRuntime, view: View, claimant: Other): boolean {
  if (peer.holding || peer.move !== undefined || router.phase.kind === 'master') return false
  if (view.others.some(({ name, holds }) => holds && name !== claimant.name)) return false
  // Leave that an earlier life of this engine gave, or a holder that it heard, may count still.
  if (isListening(view) && absent(view).length > 0) return false
  return peer.claim?.asks !== true || compareRank(claimant.rank, view.rank) > 0
}

const best = (others: readonly Other[]): Other | undefined => others.toSorted((a, b) => compareRank(b.rank, a.rank))[0]

/**
 * Whether everybody who could claim, too, has given leave to this very claim; where a majority is needed, enough nodes. A
 * node that is out of the election listens before it claims; one that
 * does not hear us, and takes part, finds that we are silent, and claims itself.
 */
export function hasLeave(view: View, id: number): boolean {
  const { channel } = view
  const given = alive(view).filter((other) => gave(view, other, id))
  const asked = alive(view).filter(mayClaim)
  const isEnough = !channel.majority || 2 * (given.length + 1) > channel.peers.length + 1
  return isEnough && asked.every((other) => given.includes(other))
}

/** It was said after `provenAt`, and binds the other node for longer than a gate may be open by what it acknowledged. */
const gave = ({ self, now }: View, { says, facts }: Other, id: number): boolean =>
  says?.grant?.to === self &&
  says.grant.claim === id &&
  facts.provenAt !== undefined &&
  now < plus(facts.provenAt, answersFor(says.wait))

export const grantDeadline = ({ peer: { grant } }: InstanceRuntime): Micros | undefined => grant?.until
