import type { ClusterConfig, InstanceConfig } from '../../../src/config/types.ts'
import { type engineTransition, initialEngine } from '../../../src/engine/core/core.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import type { LanAnswer } from '../../../src/engine/peer/witness.ts'
import { type Micros, ZERO } from '../../../src/shared/units.ts'

/** What a simulated cluster is made of: its configuration, its boxes, and the wires between them. */

export type ClusterOptions = {
  readonly nodes?: number
  readonly instance?: Partial<InstanceConfig>
  readonly config?: Partial<ClusterConfig>
  readonly paths?: number
  /** Micros from a decision to its effect in the kernel, and on any wire. */
  readonly slow?: () => Micros
  /** In place of the core's own: one that looks at each step. */
  readonly transition?: typeof engineTransition
}

export type Member = {
  readonly name: string
  readonly plan: NodePlan
  state: EngineState
  alive: boolean
  frozen: boolean
  openUntil: Micros
  /** How many adverts it has sent. */
  sent: number
  bound: boolean
  /** Closed, and handing on to this node. */
  handingOn: string | undefined
  reach: LanAnswer
  healthy: boolean
  heardAck: Map<string, Micros>
  inbox: (() => void)[]
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
    sent: 0,
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
