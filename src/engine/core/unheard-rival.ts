import { fromSeconds, type Micros, micros, minus } from '../../shared/units.ts'
import type { Told } from '../peer/told.ts'
import type { Beside } from './lan-beside.ts'
import type { InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A lower node that became master beside this one because nothing of this one arrives there: had it heard an advert it would
 * have let go. Its engine may be a new one, so that the channel proves nothing of it. PURE. Adverts alone can be forged; with
 * them it has to answer for the addresses by ARP, which beats any host when it is forged. Where ARP is not heard, its seal has
 * to arrive, though it may be a recording.
 */

/** In intervals: how long the other one has to let go, if it hears this node by ARP (lan-claims.ts). */
const LETS_GO_AFTER = 4
/** A master announces the addresses so often. */
const ANNOUNCED = fromSeconds(1)
/** In intervals, or announcements: how long what was seen counts. */
const FRESH = 2.5

export type Rival = {
  readonly node: string
  /** This node lets go now; until then its gate is closed. */
  readonly yields: boolean
}

/** `isAlive`: the channel hears the node and proves it, and knows better. */
export function unheardRival(
  instance: InstancePlan,
  { router, lan: { beside } }: InstanceRuntime,
  { node, unprovenAt }: Pick<Told, 'node' | 'unprovenAt'>,
  isAlive: boolean,
  hearsArp: boolean,
  now: Micros,
): Rival | undefined {
  if (router.phase.kind !== 'master' || beside === undefined || isAlive) return undefined
  if (instance.peers.find(({ address }) => address === beside.from)?.name !== node) return undefined
  const interval = Math.max(beside.interval, instance.router.advertInterval)
  const isFresh = (at: Micros | undefined, every: number): boolean =>
    at !== undefined && minus(now, at) <= FRESH * every
  if (!isFresh(beside.at, interval) || beside.priority > router.priority) return undefined
  const isSeen = hearsArp
    ? isFresh(beside.answeredAt, Math.max(interval, ANNOUNCED))
    : isFresh(unprovenAt, Math.max(interval, ANNOUNCED))
  return isSeen ? { node, yields: isOver(beside, micros(LETS_GO_AFTER * interval), now) } : undefined
}

const isOver = ({ since }: Beside, span: Micros, now: Micros): boolean => minus(now, since) >= span

export const describeUnheard = (node: string): string => `${node} holds the addresses, too, and does not hear this node`
