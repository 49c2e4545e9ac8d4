import { type Micros, plus } from '../../shared/units.ts'
import { type Told, withRows } from '../peer/told.ts'
import { isLater, type PathHealth, type PeerFacts, type PeerInstance, type Row } from '../peer/types.ts'
import { limitsUntil } from './hold-limit.ts'
import { lateAfter } from './pace.ts'
import type { EngineEvent, EngineState, NodePlan } from './types.ts'

/** What the engine as a whole knows of other nodes, witnesses and leases after an event. PURE. */
export function hearPeers(
  plan: NodePlan,
  state: EngineState,
  event: EngineEvent,
): Pick<EngineState, 'peers' | 'lostWitnesses' | 'leases' | 'leaving'> {
  const { peers, lostWitnesses, leases, leaving } = state
  const known = { peers: knownNodes(plan, peers), lostWitnesses, leases, leaving: leaving || event.kind === 'leave' }
  switch (event.kind) {
    case 'peer-heard': {
      return { ...known, peers: change(known.peers, event.node, (facts) => hearReport(plan, facts, event)) }
    }
    case 'peer-unproven':
      return {
        ...known,
        peers: change(known.peers, event.node, (facts) => ({ ...facts, unprovenAt: event.now })),
      }
    case 'peer-path':
      return { ...known, peers: change(known.peers, event.node, (facts) => onPath(facts, event.path, event.now)) }
    case 'peer-broken':
      return { ...known, peers: change(known.peers, event.node, (facts) => ({ ...facts, brokenAt: event.now })) }
    case 'witness': {
      const lost = new Map(lostWitnesses)
      if (event.lost === undefined) lost.delete(event.name)
      else lost.set(event.name, event.lost)
      return { ...known, lostWitnesses: lost }
    }
    case 'lease': {
      const next = new Map(leases)
      if (event.until === undefined) next.delete(event.instance)
      else next.set(event.instance, event.until)
      return { ...known, leases: next }
    }
    default:
      return known
  }
}

function hearReport(plan: NodePlan, facts: PeerFacts, event: PeerHeard): PeerFacts {
  const { report, provenAt, now, path, order } = event
  const { instances, services, ...head } = report
  const heard = { head, provenAt, heardAt: now, order }
  const isNewest = isLater(order, facts.order)
  // Of another roster than the present one, it tells of what may not be there any more.
  if (!isNewest && head.roster.digest !== facts.head?.roster.digest) return onPath(facts, path, now)
  const met = (last: Silence): Micros => (isSilent(plan, last, now) ? now : (last.metAt ?? now))
  const metAt = (row: Row<PeerInstance> | undefined): Micros =>
    row === undefined ? now : met({ ...row, head: facts.head })
  return {
    ...onPath(facts, path, now),
    // One that was overtaken tells of some instances and no more.
    ...(isNewest ? heard : {}),
    metAt: met({ ...facts, says: undefined }),
    instances: withRows(facts.instances, instances, heard, head.roster.instances, metAt),
    services: withRows(facts.services, services, heard, head.roster.services, () => now),
  }
}

type Silence = Pick<Told, 'head' | 'heardAt' | 'provenAt' | 'metAt' | 'says'>

const isSilent = ({ channel }: NodePlan, last: Silence, now: Micros): boolean =>
  channel !== undefined && now >= limitsUntil(last)

type PeerHeard = Extract<EngineEvent, { readonly kind: 'peer-heard' }>

/**
 * With a channel the engine has something to do at least each `every`; when it does not, it was stopped or starved. So it is when
 * a timer comes much too late: what it hears may have waited as long.
 */
export function isLate(plan: NodePlan, { talk }: EngineState, event: EngineEvent): boolean {
  const { channel } = plan
  if (channel === undefined || talk === undefined) return false
  const isStarved = event.kind === 'timer' && (event.late ?? 0) > lateAfter(plan)
  const { dueAt } = talk.rows.summary
  return isStarved || (dueAt !== undefined && event.now > plus(dueAt, channel.every))
}

/** Nodes that a reload has brought are not heard yet, those that it took away are forgotten. */
function knownNodes({ channel }: NodePlan, peers: EngineState['peers']): EngineState['peers'] {
  const names = channel?.peers ?? []
  if (names.length === peers.size && names.every((name) => peers.has(name))) return peers
  return new Map(names.map((name) => [name, peers.get(name) ?? unheard(name)]))
}

/** A node of which nothing is known. */
export const unheard = (node: string): PeerFacts => ({
  node,
  head: undefined,
  order: undefined,
  provenAt: undefined,
  heardAt: undefined,
  metAt: undefined,
  brokenAt: undefined,
  unprovenAt: undefined,
  paths: [],
  instances: new Map(),
  services: new Map(),
})

function change(peers: EngineState['peers'], node: string, to: (facts: PeerFacts) => PeerFacts): EngineState['peers'] {
  const facts = peers.get(node)
  return facts === undefined ? peers : new Map(peers).set(node, to(facts))
}

/** Paths stand in the order of their names: `lan` first, then `path1` and so on. */
function onPath(facts: PeerFacts, name: string, now: Micros): PeerFacts {
  const others = facts.paths.filter((path) => path.name !== name)
  const paths: PathHealth[] = [...others, { name, heardAt: now }]
  if (paths.every((path) => path.name !== LAN)) paths.push({ name: LAN, heardAt: undefined })
  return { ...facts, paths: paths.toSorted((a, b) => order(a.name) - order(b.name)) }
}

/** The way over the LAN of the instances. */
export const LAN = 'lan'
const order = (name: string): number => (name === LAN ? 0 : Number(name.replace(/\D/g, '')) || 1)
