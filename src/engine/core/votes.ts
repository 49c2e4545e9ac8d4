import { type Micros, micros, plus, ZERO } from '../../shared/units.ts'
import type { Told } from '../peer/told.ts'
import type { PeerInstance, PeerReport } from '../peer/types.ts'
import { answersFor } from './gate-deadline.ts'
import { ownWait, type View } from './peer-view.ts'
import type { InstancePlan, InstanceRuntime } from './types.ts'

/**
 * Votes for this node as a holder: what another node has acknowledged of it, by a report or by an advert, counted from when
 * that was *sent*. A vote says that its giver claims only after it has heard nothing for as long as it promises (`wait`).
 */

/**
 * Until when a node that has acknowledged something will not claim, by what it promised. One that does not have the instance
 * would have to listen first.
 */
export function votedUntil(instance: InstancePlan, { peer: { votes } }: InstanceRuntime, { node, says }: Told): Micros {
  const wait = says?.wait ?? ownWait(instance)
  const votedAt = votes.get(node)
  return votedAt === undefined ? ZERO : plus(votedAt, answersFor(wait))
}

type Heard = {
  readonly node: string
  readonly report: PeerReport
  readonly provenAt: Micros
  readonly now: Micros
}

/** What a report of another node does to its vote for this one: the newest thing of ours that it has heard, by channel or advert. */
export function noteVote(
  { name }: InstancePlan,
  runtime: InstanceRuntime,
  { node, report, provenAt, now }: Heard,
  { self, others }: View,
): InstanceRuntime {
  const { peer } = runtime
  const says = report.instances.find((each) => each.name === name)
  // Not told of in this report, or not at all: then everything that is acknowledged counts.
  const isLacking = others.some(
    ({ facts }) => facts.node === node && facts.head !== undefined && facts.says === undefined,
  )
  if (says === undefined && !isLacking) return runtime
  if (says?.refuses === self) return runtime
  const advertAt = says?.advert?.node === self ? sentAtOf(peer.adverts, says.advert, now) : undefined
  const votedAt = micros(Math.max(provenAt, advertAt ?? ZERO, peer.votes.get(node) ?? ZERO))
  if (votedAt === peer.votes.get(node)) return runtime
  return { ...runtime, peer: { ...peer, votes: new Map(peer.votes).set(node, votedAt) } }
}

/** Whether the other node has acknowledged something of ours lately, so that it does not claim. */
export const isHeardBy = (
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { facts }: { readonly facts: Told },
  now: Micros,
): boolean => now < votedUntil(instance, runtime, facts)

/** So many adverts are remembered: longer than any vote lasts. */
const MOST_ADVERTS = 16

export const rememberAdvert = (peer: InstanceRuntime['peer'], id: number, at: Micros): InstanceRuntime['peer'] => ({
  ...peer,
  adverts: [...peer.adverts.slice(1 - MOST_ADVERTS), { id, at }],
})

/**
 * When the advert of this number was sent. One that is not known, or of long ago, proves nothing; nor does one that was heard
 * before ours of that number was sent: it is of an earlier life of this engine.
 */
function sentAtOf(
  adverts: InstanceRuntime['peer']['adverts'],
  { id, age }: NonNullable<PeerInstance['advert']>,
  now: Micros,
): Micros | undefined {
  const at = adverts.findLast((each) => each.id === id)?.at
  return at !== undefined && at <= now - age ? at : undefined
}
