import type { Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import type { Micros } from '../shared/units.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { Counters } from './counters.ts'
import { createPacketBudget } from './packet-budget.ts'
import type { ArpHeard, Clock, OpenArp } from './ports.ts'
import type { Mac } from './vrrp/arp.ts'

export type ArpEar = {
  /** Hears what the present plan's instances have to know, and tells whether that works. */
  readonly listen: () => void
  readonly probe: (instance: InstancePlan, again: Micros) => void
  readonly close: () => void
}

export type ArpEarOptions = {
  readonly instances: () => readonly InstancePlan[]
  /** Hardware addresses of the other nodes, as far as they are known. */
  readonly stations: () => ReadonlyMap<Ipv4, Mac>
  readonly clock: Clock
  readonly openArp: OpenArp
  readonly dispatch: (event: EngineEvent) => void
  readonly counters: (instance: string) => Counters
  readonly log: Log
}

/** A flood is counted beyond this, and leads to nothing more. A node's kernel answers for each address that it is asked for. */
const MOST_OF_NODE = 64
const MOST_OF_OTHERS = 4
/** Addresses of one instance move together: a few tell for all. */
const MOST_PROBED = 8

/** Turns ARP into events of the loop. */
export function createArpEar({ instances, stations, clock, openArp, dispatch, counters, log }: ArpEarOptions): ArpEar {
  const budget = createPacketBudget()
  let failing: string | undefined
  let heard: string | undefined

  /** What a node's station says does not drown in what others say. */
  const isNew = (what: string, mac: Mac, now: Micros): boolean => {
    const isNode = [...stations().values()].includes(mac)
    const most = isNode ? MOST_OF_NODE : MOST_OF_OTHERS
    return budget.allows({ node: isNode ? mac : undefined, kind: what, most }, now)
  }
  const onHeard = ({ interface: name, own, packet: { kind, mac, address } }: ArpHeard): void => {
    const now = clock.now()
    const { peers, owners } = addressesIn(instances())
    if (kind !== 'probe' && peers.has(address) && isNew(address, mac, now)) {
      dispatch({ kind: 'neighbour', now, address, mac })
    }
    for (const plan of owners.get(address) ?? []) {
      if (!plan.addresses.some((each) => each.address.address === address && each.interface === name)) continue
      if (kind !== 'probe') counters(plan.name).count('foreign_claims_heard')
      const instance = plan.name
      if (!isNew(`${kind} ${instance}`, mac, now)) continue
      if (kind === 'probe') dispatch({ kind: 'lan-probe', now, instance })
      else dispatch({ kind: 'foreign-claim', now, instance, address, mac, own, announced: kind === 'announcement' })
    }
  }
  const complain = (error: string | undefined): void => {
    if (error !== undefined && error !== failing) {
      const message = `ARP cannot be heard, so that a second holder would not be noticed: ${error}`
      log({ level: 'warn', subject: 'haup', code: 'lan.deaf', message })
    }
    failing = error
  }
  const port = openArp(onHeard)

  return {
    listen: () => {
      const wanted = addressesOf(instances())
      if (heard === wanted.join()) return
      const listening = port.listen(wanted)
      heard = listening.ok ? wanted.join() : undefined
      complain(listening.ok ? undefined : listening.error)
      dispatch({ kind: 'arp-ready', now: clock.now(), ready: listening.ok })
    },
    probe: ({ interface: home, addresses, peers }, again) => {
      const asked = addresses.slice(0, MOST_PROBED)
      for (const name of new Set([home, ...asked.map((each) => each.interface)])) {
        const here = asked.filter((each) => each.interface === name).map(({ address }) => address.address)
        // An interface that is down says so elsewhere; nobody answers there.
        port.probe(name, [...here, ...peers.map(({ address }) => address)], again)
      }
    },
    close: port.close,
  }
}

type Addresses = { readonly peers: ReadonlySet<Ipv4>; readonly owners: ReadonlyMap<Ipv4, readonly InstancePlan[]> }
const known = new WeakMap<readonly InstancePlan[], Addresses>()

/** Plans do not change: each is indexed once. */
function addressesIn(instances: readonly InstancePlan[]): Addresses {
  const found = known.get(instances)
  if (found !== undefined) return found
  const owners = new Map<Ipv4, InstancePlan[]>()
  for (const plan of instances) {
    for (const { address } of plan.addresses) {
      const list = owners.get(address.address)
      if (list?.includes(plan) === true) continue
      if (list === undefined) owners.set(address.address, [plan])
      else list.push(plan)
    }
  }
  const peers = new Set(instances.flatMap((plan) => plan.peers.map(({ address }) => address)))
  known.set(instances, { peers, owners })
  return { peers, owners }
}

const addressesOf = (instances: readonly InstancePlan[]): readonly Ipv4[] => [
  ...new Set(
    instances.flatMap(({ addresses, peers }) => [
      ...addresses.map(({ address }) => address.address),
      ...peers.map(({ address }) => address),
    ]),
  ),
]
