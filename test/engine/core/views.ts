import assert from 'node:assert/strict'
import { initialEngine, initialRuntime } from '../../../src/engine/core/core.ts'
import { unheard } from '../../../src/engine/core/peer-hear.ts'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import { type Other, type View, viewOf } from '../../../src/engine/core/peer-view.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { EngineState, InstancePlan, InstanceRuntime } from '../../../src/engine/core/types.ts'
import type { PeerFacts, PeerInstance } from '../../../src/engine/peer/types.ts'
import type { Phase } from '../../../src/engine/vrrp/types.ts'
import { fromMillis, fromSeconds, type Micros, micros, ZERO } from '../../../src/shared/units.ts'
import * as peers from '../peer/support.ts'
import { type ClusterShape, configOf } from './cluster-config.ts'

/**
 * What one node of several (web1: 250, web2: 240, web3: 230, ...), with adverts and reports each second, may see: built from the
 * state that the engine has, for tests of what it makes of that.
 */

export const NOW = fromSeconds(1_000)
/** An instant so many milliseconds from now. */
export const ms = (milliseconds: number): Micros => micros(NOW + fromMillis(milliseconds))

/** What another node says, and how it was heard. */
export type Heard = {
  readonly says?: Partial<PeerInstance> | undefined
  readonly facts?: Partial<PeerFacts>
  readonly leaving?: boolean
  /** How often it reports. */
  readonly every?: Micros
}

export type Sight = {
  readonly self?: string
  readonly shape?: ClusterShape
  readonly nodes?: number
  readonly phase?: Phase
  readonly peer?: Partial<PeerRuntime>
  readonly router?: Partial<InstanceRuntime['router']>
  readonly runtime?: Partial<InstanceRuntime>
  readonly state?: Partial<EngineState>
  readonly plan?: Partial<InstancePlan>
  /** By node; absent: alive, in BACKUP, nothing held; 'unheard': not since the start. */
} & Partial<Record<(typeof NAMES)[number], Heard | 'unheard'>>

const NAMES = ['web1', 'web2', 'web3', 'web4', 'web5'] as const

export const MASTER: Phase = {
  kind: 'master',
  advertAt: ms(500),
  announceAt: undefined,
  announced: 2,
  answerAt: NOW,
  releaseAt: NOW,
}

/** By default its Master_Down_Timer ends now. */
export const backup = (changes: Partial<Extract<Phase, { kind: 'backup' }>> = {}): Phase => ({
  kind: 'backup',
  masterDownAt: NOW,
  armedAt: ms(-3_063),
  armedBy: 'advert',
  preemptAt: undefined,
  ...changes,
})

export function see(sight: Sight) {
  const names = NAMES.slice(0, sight.nodes ?? 3)
  const self = sight.self ?? 'web2'
  const planned = planNode(configOf(names, sight.shape ?? {}), self, 'eth0')
  assert.ok(planned.ok)
  const [first] = planned.value.instances
  assert.ok(first !== undefined)
  const instance: InstancePlan = { ...first, ...sight.plan }
  const plan = { ...planned.value, instances: [instance] }
  const blank = initialRuntime(instance, ZERO)
  const runtime: InstanceRuntime = {
    ...blank,
    links: new Map([['eth0', { interface: 'eth0', up: true, detail: 'up' }]]),
    socket: 'open',
    router: { ...blank.router, phase: sight.phase ?? backup(), ...sight.router },
    ...sight.runtime,
    peer: { ...blank.peer, ...sight.peer },
  }
  const facts = names.flatMap((name, index) => {
    const heard = sight[name] ?? {}
    return name === self ? [] : [[name, factsOf(instance, name, 250 - 10 * index, heard)] as const]
  })
  const idle = initialEngine(plan, ZERO)
  const services = new Map([...idle.services].map(([name, each]) => [name, { ...each, verdict: 'good' as const }]))
  const state: EngineState = {
    ...idle,
    services,
    fenced: true,
    peers: new Map(facts),
    instances: new Map([[instance.name, runtime]]),
    ...sight.state,
  }
  const view = viewOf(plan, instance, runtime, state, NOW)
  assert.ok(view !== undefined)
  return { plan, instance, runtime, state, view, other: (name: string): Other => find(view, name) }
}

const find = (view: View, name: string): Other => view.others.find((each) => each.name === name) ?? assert.fail(name)

function factsOf(instance: InstancePlan, node: string, priority: number, heard: Heard | 'unheard'): PeerFacts {
  if (heard === 'unheard') return unheard(node)
  const { says, facts, leaving, every = fromSeconds(1) } = heard
  const told: PeerInstance = {
    name: instance.name,
    state: 'BACKUP',
    reason: 'test',
    age: fromSeconds(60),
    holding: false,
    readiness: 'serves',
    open: ZERO,
    advert: undefined,
    follows: undefined,
    listens: false,
    refuses: undefined,
    priority,
    wait: fromMillis(3_100),
    lan: 'unknown',
    claim: undefined,
    grant: undefined,
    move: undefined,
    ...says,
  }
  const head = { haup: '', standby: false, digests: {}, lateness: ZERO, leaving: leaving === true, every }
  const roster = { digest: '0badcafe', instances: 1, services: 0 }
  const said = { ...head, roster, instances: [told], services: [] }
  const times = { provenAt: ms(-110), heardAt: ms(-100), metAt: ms(-60_000), ...facts }
  return { ...peers.factsOf(node, said, times as Parameters<typeof peers.factsOf>[2]), ...facts }
}

/** Active, and open for two seconds more. */
export const ACTIVE: Partial<PeerInstance> = { state: 'MASTER', holding: true, open: fromSeconds(2) }
/** Nothing for so long that it counts as absent. */
export const SILENT: Partial<PeerFacts> = {
  heardAt: ms(-5_000),
  provenAt: ms(-5_010),
  paths: [{ name: 'lan', heardAt: ms(-5_000) }],
}
