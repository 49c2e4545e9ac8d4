import type { ClusterConfig, InstanceConfig } from '../../../src/config/types.ts'
import { initialEngine } from '../../../src/engine/core/core.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import type { LanReach } from '../../../src/engine/peer/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { type Micros, ZERO } from '../../../src/shared/units.ts'
import { instance, service } from './support.ts'

/** What a simulated cluster is made of: its configuration, its boxes, and the wires between them. */

export type ClusterOptions = {
  readonly nodes?: number
  readonly instance?: Partial<InstanceConfig>
  readonly config?: Partial<ClusterConfig>
  readonly paths?: number
  /** Micros from a decision to its effect in the kernel, and on any wire. */
  readonly slow?: () => Micros
}

export type Member = {
  readonly name: string
  readonly plan: NodePlan
  state: EngineState
  alive: boolean
  frozen: boolean
  openUntil: Micros
  /** Its last advert as master. */
  sentAt: Micros
  bound: boolean
  /** Closed, and handing on to this node. */
  handingOn: string | undefined
  reach: LanReach
  healthy: boolean
  heardAck: Map<string, Micros>
  inbox: (() => void)[]
}

const addressOf = (index: number): Ipv4 => `192.0.2.${11 + index}` as Ipv4

export function configOf(names: readonly string[], options: ClusterOptions): ClusterConfig {
  const priority = Object.fromEntries(names.map((name, index) => [name, 250 - 10 * index]))
  return {
    cluster: 'shop',
    nodes: names.map((name, index) => ({
      name,
      address: addressOf(index),
      interface: undefined,
      kind: 'haup',
      paths: Array.from({ length: options.paths ?? 0 }, (_, path) => `198.51.${100 + path}.${11 + index}` as Ipv4),
    })),
    instances: [instance({ priority, ...options.instance })],
    services: [service],
    notify: undefined,
    peer: { keyFile: 'cluster.key', keys: [new Uint8Array(32)], port: 7112 },
    witnesses: [],
    quorum: 'none',
    fencing: undefined,
    ...options.config,
  }
}

export function newMember(config: ClusterConfig, name: string, now: Micros): Member {
  const plan = planNode(config, name, 'eth0')
  if (!plan.ok) throw new Error(plan.error)
  return {
    name,
    plan: plan.value,
    state: initialEngine(plan.value, now),
    alive: false,
    frozen: false,
    openUntil: ZERO,
    sentAt: ZERO,
    bound: false,
    handingOn: undefined,
    reach: 'unknown',
    healthy: true,
    heardAck: new Map(),
    inbox: [],
  }
}

export type Link = 'advert' | 'lan' | `path${number}`

/** Which of them carry nothing, by direction. */
export function createWires() {
  const dead = new Set<string>()
  const cut = (from: string, to: string, ...links: readonly (Link | '*')[]): void => {
    for (const link of links) dead.add(`${from}>${to}:${link}`)
  }
  return {
    cut,
    split: (a: string, b: string, ...links: readonly (Link | '*')[]): void => {
      cut(a, b, ...links)
      cut(b, a, ...links)
    },
    heal: (): void => dead.clear(),
    isCut: (from: string, to: string, link: Link): boolean =>
      dead.has(`${from}>${to}:${link}`) || dead.has(`${from}>${to}:*`),
  }
}
