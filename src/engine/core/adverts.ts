import type { Ipv4 } from '../../shared/ip.ts'
import { earliest, type Micros, micros, plus } from '../../shared/units.ts'
import { probeLan, probeTime } from './lan-doubt.ts'
import { type Other, type View, viewOf, waitOf } from './peer-view.ts'
import { indexOf } from './plan-index.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/**
 * Which adverts count, among haup nodes that talk to each other. Anybody on the LAN can send one, and the channel cannot be
 * forged: so an advert counts when nothing better is known.
 *
 *   from no node                               ignored
 *   from a node that the channel hears         counts while it says that it holds
 *   from a node that the channel does not hear counts, until it is in doubt
 *   in doubt                                   the LAN is asked for the node and for the addresses: no answer, or for a whole wait
 *                                              none for the addresses, and the adverts of that node are ignored until it
 *                                              is heard in another way
 *
 * A node that does not hear us proves nothing by the channel; its seal alone still ends the doubt: better wait for a recording than
 * hold beside it.
 *
 * Where other routers than haup nodes are in a group all adverts count, as VRRP has it.
 */

/** What is known of the adverts of a node that the channel does not hear. */
export type AdvertDoubt = {
  /** Asked so often, and not answered. */
  readonly rounds: number
  /** Since when nobody has answered for the addresses. */
  readonly since: Micros
  /** When the next question is due, or, when the doubt is confirmed, undefined. */
  readonly askAt: Micros | undefined
}

export type Ignored = 'foreign' | 'contradicted' | 'doubted'

const ROUNDS = 5
/** A node that answers is asked again after such a part of a wait. */
const AGAIN = 1 / 6

/** The event as it counts: an advert that does not is another event, of which the router never hears. */
export function admitAdvert(plan: NodePlan, state: EngineState, event: EngineEvent): EngineEvent {
  if (event.kind !== 'advert' || plan.channel === undefined) return event
  const { instance: name, from, now } = event
  const instance = indexOf(plan).instances.get(name)
  const runtime = state.instances.get(name)
  const view = instance && runtime && viewOf(plan, instance, runtime, state, now)
  if (instance === undefined || runtime === undefined || view === undefined) return event
  const why = whyIgnored(instance, runtime, view, from, event.advert.priority)
  return why === undefined ? event : { kind: 'advert-ignored', now, instance: name, from, why }
}

function whyIgnored(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  from: Ipv4,
  priority: number,
): Ignored | undefined {
  if (!view.allHaup) return undefined
  const peer = instance.peers.find(({ address }) => address === from)
  if (peer === undefined) return from === instance.router.source ? undefined : 'foreign'
  const other = view.others.find(({ name }) => name === peer.name)
  if (other === undefined) return undefined
  const doubt = runtime.peer.doubts.get(peer.name)
  if (doubt !== undefined && doubt.askAt === undefined && other.life !== 'alive') return 'doubted'
  return isContradicted(runtime, other, priority) ? 'contradicted' : undefined
}

/** The channel hears its sender, and tells otherwise. */
function isContradicted({ router: { phase } }: InstanceRuntime, { life, says }: Other, priority: number): boolean {
  if (life !== 'alive' || says === undefined || says.holding || says.state === 'MASTER') return false
  // A farewell is for a backup to look into.
  return priority > 0 || phase.kind === 'master'
}

/** Asks the LAN for nodes whose adverts this one follows, and which the channel does not hear. */
export function followDoubts(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const { followed, doubts } = runtime.peer
  if (followed === undefined && doubts.size === 0) return { runtime, actions: [] }
  const next = new Map(doubts)
  const actions: EngineAction[] = []
  for (const other of view.others) {
    const before = doubts.get(other.name)
    if (before === undefined && followed?.node !== other.name) continue
    const step = followDoubt(instance, runtime, view, { event, other, before })
    if (step.doubt === undefined) next.delete(other.name)
    else next.set(other.name, step.doubt)
    actions.push(...step.actions)
  }
  const isSame = next.size === doubts.size && [...next].every(([name, doubt]) => doubts.get(name) === doubt)
  return isSame ? { runtime, actions } : { runtime: { ...runtime, peer: { ...runtime.peer, doubts: next } }, actions }
}

type DoubtStep = { readonly doubt: AdvertDoubt | undefined; readonly actions: readonly EngineAction[] }

function followDoubt(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  { event, other, before }: { event: EngineEvent; other: Other; before: AdvertDoubt | undefined },
): DoubtStep {
  const { now } = view
  const { router } = runtime
  const wait = waitOf(instance, runtime, now)
  const { unprovenAt } = other.facts
  // It may not hear our questions, but somebody with the key speaks in its name.
  const isSealed = unprovenAt !== undefined && now < plus(unprovenAt, wait)
  const isTrusted = other.life === 'alive' || isSealed
  if (isTrusted || !view.hearsArp || !view.allHaup) return { doubt: undefined, actions: [] }
  const isAnswered = event.kind === 'foreign-claim' && event.instance === instance.name
  // Only what a backup waits for is in question; what has been found out stays, until somebody does answer.
  const isFoundOut = before?.askAt === undefined && !isAnswered
  if (router.phase.kind !== 'backup') return { doubt: isFoundOut ? before : undefined, actions: [] }
  const doubt = before ?? { rounds: 0, since: now, askAt: now }
  const again = plus(now, micros(AGAIN * wait))
  if (isAnswered) return { doubt: { rounds: 0, since: now, askAt: again }, actions: [] }
  // It is there. When it does not answer for the addresses, either, it does not serve, whatever its adverts say.
  const isThere = event.kind === 'neighbour' && view.nodeNames.get(event.address) === other.name
  if (isThere && doubt.askAt !== undefined) return { doubt: { ...doubt, rounds: 0, askAt: again }, actions: [] }
  if (doubt.askAt === undefined || now < doubt.askAt) return { doubt, actions: [] }
  // The last question has not been answered, either.
  if (doubt.rounds >= ROUNDS || now >= plus(doubt.since, wait))
    return { doubt: { ...doubt, askAt: undefined }, actions: [logDoubted(instance, other.name)] }
  const next = { ...doubt, rounds: doubt.rounds + 1, askAt: plus(now, probeTime(instance.router)) }
  return { doubt: next, actions: [probeLan(instance)] }
}

/** When the next question is due, or nothing has answered for the addresses for a whole wait. */
export function doubtDeadline(instance: InstancePlan, runtime: InstanceRuntime, now: Micros): Micros | undefined {
  let at: Micros | undefined
  for (const { askAt, since } of runtime.peer.doubts.values()) {
    at = earliest(at, askAt ?? plus(since, waitOf(instance, runtime, now)))
  }
  return at
}

const logDoubted = ({ name }: InstancePlan, node: string): EngineAction => ({
  kind: 'log',
  record: {
    level: 'warn',
    subject: name,
    code: 'peer.adverts-doubted',
    message: `adverts come in the name of ${node}, but nobody answers ARP for the addresses, and the channel is silent: they are ignored until it is heard`,
  },
})
