import type { ClusterConfig, InstanceConfig } from '../../../src/config/types.ts'
import { engineDeadline, engineTransition, initialEngine } from '../../../src/engine/core/core.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import type { EngineAction, EngineEvent, EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import type { ServiceConfig } from '../../../src/probes/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros, plus, ZERO } from '../../../src/shared/units.ts'

export const WEB1 = '192.0.2.11' as Ipv4
export const WEB2 = '192.0.2.12' as Ipv4

export const service: ServiceConfig = {
  name: 'web',
  probes: [{ kind: 'tcp', host: '127.0.0.1', port: 80 }],
  interval: fromSeconds(1),
  timeout: fromSeconds(1),
  rise: 2,
  fall: 2,
  configTest: undefined,
  restart: { kind: 'none' },
  budget: { restarts: 0, within: fromSeconds(60) },
  settle: fromSeconds(3),
  hungAfter: fromSeconds(1),
  patience: fromMillis(500),
}

export const instance = (changes: Partial<InstanceConfig> = {}): InstanceConfig => ({
  name: 'www',
  vrid: 77,
  version: 3,
  interface: undefined,
  priority: { web1: 150, web2: 100 },
  preempt: true,
  preemptDelay: ZERO,
  advertInterval: fromSeconds(1),
  password: undefined,
  checksum: { send: 'pseudo', accept: 'pseudo' },
  virtualAddresses: [
    { address: { address: '192.0.2.100' as Ipv4, length: 24 }, interface: undefined, label: undefined },
  ],
  track: [{ service: 'web', onFailure: { kind: 'release' } }],
  whenAllDown: 'hold',
  announceRefresh: ZERO,
  gate: true,
  notify: undefined,
  ...changes,
})

export const planFor = (node: string, instances: InstanceConfig[] = [instance()]): NodePlan => {
  const config: ClusterConfig = {
    cluster: 'shop',
    nodes: [
      { name: 'web1', address: WEB1, interface: undefined, kind: 'haup', paths: [] },
      { name: 'web2', address: WEB2, interface: undefined, kind: 'haup', paths: [] },
    ],
    instances,
    services: [service],
    notify: undefined,
    peer: undefined,
    witnesses: [],
    quorum: 'none',
    fencing: undefined,
  }
  const plan = planNode(config, node, 'eth0')
  if (!plan.ok) throw new Error(plan.error)
  return plan.value
}

type EventBody = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, 'now'> : never) : never

/** One node on a clock of its own: `send` an event now, `run` up to a later second while timers fire. */
export const createNode = (plan: NodePlan) => {
  let now: Micros = ZERO
  let state: EngineState = initialEngine(plan, now)
  const done: EngineAction[] = []
  const send = (event: EventBody): EngineAction[] => {
    const step = engineTransition(plan, state, { ...event, now } as EngineEvent)
    state = step.state
    done.push(...step.actions)
    return [...step.actions]
  }
  /** Probes answer at once with `healthy`. */
  const answer = (actions: readonly EngineAction[], healthy: boolean): void => {
    for (const action of actions) {
      if (action.kind !== 'service' || action.action.kind !== 'probe') continue
      const results = [{ probe: 'tcp', ok: healthy, detail: healthy ? 'open' : 'connection refused', took: ZERO }]
      answer(send({ kind: 'probed', service: action.service, results }), healthy)
    }
  }
  const run = (until: number, healthy = true): void => {
    for (let at = engineDeadline(state); at !== undefined && at <= fromSeconds(until); at = engineDeadline(state)) {
      if (at > now) now = at
      answer(send({ kind: 'timer' }), healthy)
    }
    now = fromSeconds(until)
  }
  /** Time passes, and nobody looks at it. */
  const skip = (seconds: number): void => {
    now = plus(now, fromSeconds(seconds))
  }
  const ready = (): void => {
    answer(send({ kind: 'start' }), true)
    for (const name of new Set(plan.instances.map((each) => each.interface))) {
      send({ kind: 'socket', interface: name, error: undefined })
      send({ kind: 'link', link: { interface: name, up: true, detail: `${name} is up` } })
    }
  }
  const advert = (from: Ipv4, priority: number, name = 'www'): EngineAction[] => {
    const { router } = plan.instances.find((each) => each.name === name) ?? fail(name)
    const { version, vrid, addresses, advertInterval: interval } = router
    return send({
      kind: 'advert',
      id: 0,
      instance: name,
      from,
      advert: { version, vrid, priority, interval, addresses },
    })
  }
  const shown = (name = 'www') => state.instances.get(name)?.display ?? fail(name)
  const priority = (name = 'www') => state.instances.get(name)?.router.priority
  return { send, run, skip, ready, answer, advert, shown, priority, state: () => state, actions: done, now: () => now }
}

const fail = (name: string): never => {
  throw new Error(`no instance ${name}`)
}

/** What was done to the world for an instance, in order, as short words: `bind`, `advert 150`. */
export const deeds = (actions: readonly EngineAction[], name = 'www'): string[] =>
  actions.flatMap((action) => {
    if (action.kind !== 'router' || action.instance !== name) return []
    const { kind } = action.action
    if (kind === 'send-advert') return [`advert ${action.action.priority}`]
    return kind === 'bind' || kind === 'unbind' || kind === 'announce' ? [kind] : []
  })
