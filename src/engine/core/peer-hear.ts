import { type Micros, plus } from '../../shared/units.ts'
import type { PathHealth, PeerFacts } from '../peer/types.ts'
import { limitsUntil } from './hold-limit.ts'
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
      const { report, provenAt, now, node, path } = event
      return {
        ...known,
        peers: change(known.peers, node, (facts) => ({
          ...onPath(facts, path, now),
          report,
          provenAt,
          heardAt: now,
          metAt: wasSilent(plan, facts, now) ? now : facts.metAt,
        })),
      }
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

const wasSilent = ({ channel }: NodePlan, facts: PeerFacts, now: Micros): boolean =>
  channel !== undefined && now >= limitsUntil(facts)

/** With a channel the engine has something to do at least each `every`; when it does not, it was stopped or starved. */
export const isLate = ({ channel }: NodePlan, { talk }: EngineState, event: EngineEvent): boolean =>
  channel !== undefined && talk !== undefined && event.now > plus(talk.nextAt, channel.every)

/** Nodes that a reload has brought are not heard yet, those that it took away are forgotten. */
function knownNodes({ channel }: NodePlan, peers: EngineState['peers']): EngineState['peers'] {
  const names = channel?.peers ?? []
  if (names.length === peers.size && names.every((name) => peers.has(name))) return peers
  return new Map(names.map((name) => [name, peers.get(name) ?? unheard(name)]))
}

/** A node of which nothing is known. */
export const unheard = (node: string): PeerFacts => ({
  node,
  report: undefined,
  provenAt: undefined,
  heardAt: undefined,
  metAt: undefined,
  brokenAt: undefined,
  paths: [],
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
