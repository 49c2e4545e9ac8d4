import type { Ipv4 } from '../../shared/ip.ts'
import { fromSeconds } from '../../shared/units.ts'
import type { RouterAction } from '../vrrp/types.ts'
import { CALM, DEFENCE } from './lan-claims.ts'
import { probeLan } from './lan-doubt.ts'
import type { Seen } from './lan-types.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A master that claimed because it heard nothing: the other nodes are dead, or the LAN is split and one of them holds the
 * addresses there. PURE. Until each haup node has been seen for a while, and claims nothing, the addresses are announced
 * with adverts each second and the LAN is asked where the nodes are. So the two find each other when the split heals,
 * also where adverts stay blocked and `announce_refresh` is slow or off.
 */

/** Not seen for so long after it was asked each second: gone again. */
const GONE = fromSeconds(3)

/** Whether the settings make such announcements needed: frequent ones come anyway, and others do not obey. */
const isNeeded = ({ router: { announceRefresh }, peers }: InstancePlan): boolean =>
  (announceRefresh === 0 || announceRefresh > DEFENCE) && peers.some(({ kind }) => kind === 'haup')

/** After a change of the router's state. */
export function aloneAfter(
  plan: InstancePlan,
  action: Extract<RouterAction, { kind: 'state-change' }>,
): readonly Seen[] | undefined {
  const isAlone = action.to === 'master' && action.cause.kind === 'master-down'
  return isAlone && isNeeded(plan) ? [] : undefined
}

export type AloneStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  /** The addresses have to be announced, if that has not been done within a second. */
  readonly announces: boolean
}

export function followAlone(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  { arp }: EngineState,
  event: EngineEvent,
  advertised: boolean,
): AloneStep {
  const { lan } = runtime
  if (lan.alone === undefined || !arp) return { runtime, actions: [], announces: false }
  // What somebody else claims too is not settled by having been seen.
  const seen = lan.claimants.length > 0 ? [] : see(plan, lan.alone, event)
  const alone = isSettled(plan, seen) ? undefined : seen
  const next = alone === lan.alone ? runtime : { ...runtime, lan: { ...lan, alone } }
  const announces = advertised && alone !== undefined
  const asks = announces && (lan.announcedAt === undefined || event.now - lan.announcedAt >= DEFENCE)
  return { runtime: next, actions: asks ? [probeLan(plan)] : [], announces }
}

function see(plan: InstancePlan, before: readonly Seen[], event: EngineEvent): readonly Seen[] {
  const { now } = event
  const node = addressSeen(plan, event)
  if (node === undefined) return before
  const known = before.find(({ address }) => address === node)
  const since = known === undefined || now - known.at > GONE ? now : known.since
  return [...before.filter(({ address }) => address !== node), { address: node, since, at: now }]
}

/** An ARP packet in the node's own name; adverts tell nothing of whether ours arrive. */
const addressSeen = ({ peers }: InstancePlan, event: EngineEvent): Ipv4 | undefined =>
  event.kind === 'neighbour' && peers.some(({ address }) => address === event.address) ? event.address : undefined

const isSettled = ({ peers }: InstancePlan, seen: readonly Seen[]): boolean =>
  peers.every(
    ({ kind, address }) =>
      kind !== 'haup' || seen.some((each) => each.address === address && each.at - each.since >= CALM),
  )
