import { type Micros, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { answersFor } from './gate-deadline.ts'
import { absent, alive, isListening, mayClaim, type Other, type View, waitFor } from './peer-view.ts'
import { isForsaken } from './refusal.ts'
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
  if (claimant === undefined || claim === undefined || !yieldsTo(instance, runtime, view, claimant)) {
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
function yieldsTo(instance: InstancePlan, runtime: InstanceRuntime, view: View, claimant: Other): boolean {
  const { peer, router } = runtime
  if (peer.holding || peer.move !== undefined || router.phase.kind === 'master') return false
  const isActive = (each: Other): boolean => each.holds && !isForsaken(instance, runtime, view, each)
  if (view.others.some((each) => each.name !== claimant.name && isActive(each))) return false
  // Leave that an earlier life of this engine gave, or a holder that it heard, may count still.
  if (isListening(view.listensUntil, view.now) && absent(view).length > 0) return false
  return peer.claim?.asks !== true || compareRank(claimant.rank, view.rank) > 0
}

const best = (others: readonly Other[]): Other | undefined => others.toSorted((a, b) => compareRank(b.rank, a.rank))[0]

/**
 * Who has yet to vote for this very claim (no number: none is made yet); none when nobody is alive to be asked. Everybody who
 * could claim, too, has to; where a majority is needed, enough nodes. A node that is out of the election listens before it
 * claims; one that does not hear us, and takes part, finds that we are silent, and claims itself; one that is refused has
 * been told, and its gate is closed.
 */
export function missingVotes(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  id: number | undefined,
): readonly string[] {
  const { channel } = view
  const given = id === undefined ? [] : alive(view).filter((other) => gave(view, other, id))
  const others = alive(view).filter((each) => !given.includes(each) && !isForsaken(instance, runtime, view, each))
  const isEnough = !channel.majority || 2 * (given.length + 1) > channel.peers.length + 1
  return others.filter((each) => !isEnough || mayClaim(each)).map(({ name }) => name)
}

/** It was said after `provenAt`, and binds the other node for longer than a gate may be open by what it acknowledged. */
const gave = ({ self, now }: View, { says, facts }: Other, id: number): boolean =>
  says?.grant?.to === self &&
  says.grant.claim === id &&
  facts.provenAt !== undefined &&
  now < plus(facts.provenAt, answersFor(says.wait))

export const grantDeadline = ({ peer: { grant } }: InstanceRuntime): Micros | undefined => grant?.until
