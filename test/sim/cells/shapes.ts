import type { Arbiter, ClusterConfig } from '../../../src/config/types.ts'
import { masterDownInterval } from '../../../src/engine/vrrp/timing.ts'
import { LAST_RESORT } from '../../../src/engine/vrrp/types.ts'
import { fromMillis, fromSeconds, type Micros, micros } from '../../../src/shared/units.ts'
import type { WorldOptions } from '../peers/world.ts'

/** How a group is set up: what a cell has beside its faults. */
export type Shape = {
  readonly nodes: 2 | 3
  /** A second path between the nodes. */
  readonly path: boolean
  readonly witness: 'none' | 'arbiter' | 'majority'
  /** Without it the lower one of the nodes holds when the faults begin. */
  readonly preempt: boolean
  readonly hearsArp: boolean
  /** There is a gateway, or another neighbour, that can be asked whether the LAN is reached. */
  readonly gateway: boolean
  readonly instances: number
}

const ARBITER: Arbiter = {
  kind: 'arbiter',
  name: 'store',
  store: { kind: 'http', url: 'http://store/' },
  ttl: fromSeconds(5),
  timeout: fromSeconds(1),
  tls: { ca: undefined, own: undefined },
  login: undefined,
}

const INTERVAL = fromSeconds(1)

const BASE: Shape = {
  nodes: 2,
  path: true,
  witness: 'none',
  preempt: true,
  hearsArp: true,
  gateway: true,
  instances: 1,
}

export const nameOf = ({ nodes, path, witness, preempt, hearsArp, gateway, instances }: Shape): string =>
  [
    `${nodes}`,
    path ? 'two-lines' : 'one-line',
    ...(witness === 'none' ? [] : [witness]),
    preempt ? 'preempt' : 'stay',
    hearsArp ? 'arp' : 'no-arp',
    ...(gateway ? [] : ['no-gateway']),
    ...(instances === 1 ? [] : [`${instances}-instances`]),
  ].join('/')

const BOTH = [true, false] as const

export const PAIR_SHAPES: readonly Shape[] = BOTH.flatMap((path) =>
  (['none', 'arbiter'] as const).flatMap((witness) =>
    BOTH.flatMap((preempt) => BOTH.map((hearsArp): Shape => ({ ...BASE, path, witness, preempt, hearsArp }))),
  ),
)

/** Without anybody on the LAN to ask, and with more than fits into one datagram. */
export const ODD_SHAPES: readonly Shape[] = [
  { ...BASE, gateway: false },
  { ...BASE, gateway: false, preempt: false },
  { ...BASE, gateway: false, path: false },
]
export const WIDE_SHAPES: readonly Shape[] = BOTH.map((path): Shape => ({ ...BASE, path, instances: 10 }))

export const TRIO_SHAPES: readonly Shape[] = (['none', 'majority', 'arbiter'] as const).flatMap((witness) =>
  BOTH.flatMap((path) => BOTH.map((preempt): Shape => ({ ...BASE, nodes: 3, witness, path, preempt }))),
)

const ALL = [...PAIR_SHAPES, ...ODD_SHAPES, ...WIDE_SHAPES, ...TRIO_SHAPES]

export const shapeNamed = (name: string): Shape | undefined => ALL.find((shape) => nameOf(shape) === name)

export function worldOptions({ nodes, path, witness, preempt, hearsArp, instances }: Shape): WorldOptions {
  const config: Partial<ClusterConfig> = {
    quorum: witness === 'majority' ? 'majority' : 'none',
    witnesses: witness === 'arbiter' ? [ARBITER] : [],
  }
  return {
    nodes,
    hearsArp,
    paths: path ? 1 : 0,
    config,
    instances: Array.from({ length: instances }, () => ({ preempt, advertInterval: INTERVAL })),
  }
}

/** Fetching a lease, a look at the LAN, and binding. */
const HANDLING = fromMillis(400)

/**
 * T: the longest wait that is promised, one report, and with an arbiter what is left of the lease. A node that steps back
 * waits as one of the last resort.
 */
export function longestGap({ witness }: Shape, stepsBack: boolean): Micros {
  const wait = masterDownInterval(3, stepsBack ? LAST_RESORT : 230, INTERVAL)
  return micros(wait + INTERVAL + (witness === 'arbiter' ? ARBITER.ttl : 0) + HANDLING)
}
