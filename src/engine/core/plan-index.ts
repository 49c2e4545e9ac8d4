import type { ServiceConfig } from '../../probes/types.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import { type Micros, micros } from '../../shared/units.ts'
import type { Roster } from '../peer/types.ts'
import type { InstancePlan, NodePlan } from './types.ts'

/** What is looked up in a plan again and again. */
export type PlanIndex = {
  readonly instances: ReadonlyMap<string, InstancePlan>
  readonly services: ReadonlyMap<string, ServiceConfig>
  /** The instances that track each service. */
  readonly tracking: ReadonlyMap<string, readonly InstancePlan[]>
  readonly roster: Roster
  /** By node: where its hardware address is needed, once for each interface and address, and an instance that asks for it. */
  readonly stations: ReadonlyMap<string, readonly Station[]>
  /** Places of the instances in the plan. */
  readonly places: ReadonlyMap<string, number>
  /** Between adverts, of all instances. */
  readonly shortestInterval: Micros
}

type Station = { readonly instance: string; readonly interface: string; readonly address: Ipv4 }

const known = new WeakMap<NodePlan, PlanIndex>()

/** Plans do not change: each is indexed once. */
export function indexOf(plan: NodePlan): PlanIndex {
  const found = known.get(plan)
  if (found !== undefined) return found
  const index = build(plan)
  known.set(plan, index)
  return index
}

function build({ instances, services }: NodePlan): PlanIndex {
  const tracking = new Map<string, InstancePlan[]>(services.map(({ name }) => [name, []]))
  for (const instance of instances) {
    for (const name of new Set(instance.track.map(({ service }) => service))) tracking.get(name)?.push(instance)
  }
  return {
    instances: new Map(instances.map((each) => [each.name, each])),
    services: new Map(services.map((each) => [each.name, each])),
    tracking,
    roster: rosterOf(instances, services),
    stations: stationsOf(instances),
    places: new Map(instances.map(({ name }, place) => [name, place])),
    shortestInterval: micros(Math.min(...instances.map(({ router }) => router.advertInterval))),
  }
}

/** 32 bits of FNV-1a, as 8 hex digits: tells one set of names from the next, and no more. */
function rosterOf(instances: NodePlan['instances'], services: NodePlan['services']): Roster {
  const names = [instances, services].map((of) => of.map(({ name }) => name).toSorted())
  let digest = 0x811c9dc5
  for (const character of JSON.stringify(names)) {
    digest = Math.imul(digest ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  }
  return {
    digest: digest.toString(16).padStart(8, '0'),
    instances: instances.length,
    services: services.length,
  }
}

function stationsOf(instances: NodePlan['instances']): PlanIndex['stations'] {
  const stations = new Map<string, Station[]>()
  for (const { name, interface: at, peers } of instances) {
    for (const { name: node, address } of peers) {
      const known = stations.get(node) ?? []
      if (known.some((each) => each.interface === at && each.address === address)) continue
      stations.set(node, [...known, { instance: name, interface: at, address }])
    }
  }
  return stations
}
