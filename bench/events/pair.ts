import type { ClusterConfig } from '../../src/config/types.ts'
import { engineDeadline, engineTransition, initialEngine } from '../../src/engine/core/core.ts'
import { planNode } from '../../src/engine/core/plan.ts'
import type { EngineAction, EngineEvent, EngineState, NodePlan } from '../../src/engine/core/types.ts'
import { fromMillis, type Micros, micros, plus, ZERO } from '../../src/shared/units.ts'

/** Two cores on a virtual clock with a perfect LAN, a perfect channel and kernels that do at once what they are told. */

type Node = { readonly plan: NodePlan; state: EngineState; heardSentAt: Micros | undefined; adverts: number }
type Job = { readonly at: Micros; readonly run: () => void }
type Spent = { events: number; micros: number }
type WithoutTime<E> = E extends unknown ? Omit<E, 'now'> : never

const WIRE = fromMillis(0.2)
const KERNEL = fromMillis(1)
const PROBE = fromMillis(2)

export function createPair(config: ClusterConfig) {
  let said = 0
  let now: Micros = ZERO
  const jobs: Job[] = []
  let spent: Map<EngineEvent['kind'], Spent> | undefined
  const nodes: readonly Node[] = config.nodes.map(({ name }) => {
    const plan = planNode(config, name, 'eth0')
    if (!plan.ok) throw new Error(plan.error)
    return { plan: plan.value, state: initialEngine(plan.value, now), heardSentAt: undefined, adverts: 0 }
  })

  const after = (delay: Micros, run: () => void): void => {
    const at = plus(now, delay)
    const place = jobs.findLastIndex((job) => job.at <= at)
    jobs.splice(place + 1, 0, { at, run })
  }
  const give = (node: Node, event: WithoutTime<EngineEvent>): void => {
    const begun = performance.now()
    const step = engineTransition(node.plan, node.state, { ...event, now } as EngineEvent)
    engineDeadline(step.state)
    count(event.kind, 1_000 * (performance.now() - begun))
    node.state = step.state
    for (const action of step.actions) perform(node, action)
  }
  const count = (kind: EngineEvent['kind'], micros: number): void => {
    const known = spent?.get(kind)
    if (known === undefined) spent?.set(kind, { events: 1, micros })
    else {
      known.events += 1
      known.micros += micros
    }
  }
  const perform = (node: Node, action: EngineAction): void => {
    if (action.kind === 'router') router(node, action)
    if (action.kind === 'gate' && action.until !== undefined) {
      const { instance, until } = action
      after(KERNEL, () => give(node, { kind: 'gate-opened', instance, until }))
    }
    if (action.kind === 'say') {
      const { report } = action
      const [sentAt, from] = [now, node.plan.node]
      said += 1
      const order = { life: from, counter: said }
      for (const to of nodes) {
        if (to === node) continue
        const provenAt = node.heardSentAt ?? ZERO
        after(WIRE, () => {
          to.heardSentAt = sentAt
          give(to, { kind: 'peer-heard', node: from, path: 'lan', report, provenAt, order })
        })
      }
    }
    if (action.kind === 'service' && action.action.kind === 'probe') {
      const results = [{ probe: 'tcp', ok: true, detail: 'open', took: PROBE }]
      after(PROBE, () => give(node, { kind: 'probed', service: action.service, results }))
    }
  }
  const router = (node: Node, { instance, action }: Extract<EngineAction, { kind: 'router' }>): void => {
    if (action.kind === 'bind') {
      after(KERNEL, () => give(node, { kind: 'bound', instance }))
      after(KERNEL, () => give(node, { kind: 'opened', instance }))
    }
    if (action.kind === 'unbind') after(KERNEL, () => give(node, { kind: 'let-go', instance }))
    if (action.kind !== 'send-advert') return
    const plan = node.plan.instances.find(({ name }) => name === instance)
    if (plan === undefined) return
    const { version, vrid, addresses, advertInterval: interval, source: from } = plan.router
    const advert = { version, vrid, priority: action.priority, interval, addresses }
    node.adverts = (node.adverts % 0xffff) + 1
    const id = node.adverts
    const at = now
    after(ZERO, () => give(node, { kind: 'advert-sent', instance, at, id }))
    for (const to of nodes) {
      if (to !== node) after(WIRE, () => give(to, { kind: 'advert', instance, from, id, advert }))
    }
  }
  const start = (node: Node): void => {
    give(node, { kind: 'fence', ready: true })
    give(node, { kind: 'start' })
    give(node, { kind: 'arp-ready', ready: true })
    for (const { address, name } of config.nodes) {
      if (name !== node.plan.node) give(node, { kind: 'neighbour', address, mac: '02:00:00:00:00:01' as never })
    }
    give(node, { kind: 'socket', interface: 'eth0', error: undefined })
    give(node, { kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
  }
  /** The next thing that happens, not after `until`. */
  const step = (until: Micros): boolean => {
    const due = nodes.flatMap((node) => {
      const at = engineDeadline(node.state)
      return at === undefined ? [] : [{ at: micros(Math.max(at, now)), run: () => give(node, { kind: 'timer' }) }]
    })
    const [first] = due.toSorted((a, b) => a.at - b.at)
    const [job] = jobs
    const next = first === undefined || (job !== undefined && job.at <= first.at) ? job : first
    if (next === undefined || next.at > until) return false
    if (next === job) jobs.shift()
    now = micros(Math.max(now, next.at))
    next.run()
    return true
  }
  for (const node of nodes) start(node)
  return {
    run: (until: Micros): void => {
      while (step(until));
      now = until
    },
    measure: (): void => {
      spent = new Map()
    },
    spent: (): ReadonlyMap<EngineEvent['kind'], Spent> => spent ?? new Map(),
    /** The first node is master of all. */
    isSettled: (): boolean =>
      nodes.every(({ state }, index) =>
        [...state.instances.values()].every(
          ({ router: { phase } }) => phase.kind === (index === 0 ? 'master' : 'backup'),
        ),
      ),
  }
}
