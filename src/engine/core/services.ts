import { initialService, isSound, pauseRemedies, serviceDeadline, serviceTransition } from '../../probes/policy.ts'
import type { ServiceConfig, ServiceEvent, ServiceState } from '../../probes/types.ts'
import type { Micros } from '../../shared/units.ts'
import { logServiceAction } from './display.ts'
import { indexOf } from './plan-index.ts'
import { doubted, othersOf } from './service-others.ts'
import { Table } from './table.ts'
import type { EngineAction, EngineEvent, EngineState, InstanceRuntime, NodePlan } from './types.ts'

/** The services of a node: each event goes to the one that it is about, time to those whose own time has come. PURE. */

export const serviceTable = (entries: Iterable<readonly [string, ServiceState]>): Table<ServiceState> =>
  Table.of(entries, (service) => ({ dueAt: serviceDeadline(service), marks: 0 }))

/** Services as a plan names them: known ones go on, others begin. */
export const servicesFor = (
  services: readonly ServiceConfig[],
  known: EngineState['services'],
  now: Micros,
): Table<ServiceState> =>
  serviceTable(services.map((service) => [service.name, known.get(service.name) ?? initialService(service, now)]))

export const servicesOf = ({ services }: Pick<EngineState, 'services'>): Table<ServiceState> =>
  services instanceof Table ? services : serviceTable(services)

export type ServicesStep = {
  readonly services: Table<ServiceState>
  readonly actions: readonly EngineAction[]
  /** Those of which instances have to be told. */
  readonly changed: readonly string[]
  /** Those of which other nodes have to be told. */
  readonly news: readonly string[]
}

export function followServices(plan: NodePlan, state: EngineState, event: EngineEvent): ServicesStep {
  const actions: EngineAction[] = []
  const changed: string[] = []
  const news: string[] = []
  let services = servicesOf(state)
  for (const [name, fed] of feedsOf(plan, services, state, event)) {
    const config = indexOf(plan).services.get(name)
    const before = services.get(name)
    if (config === undefined || before === undefined) continue
    const step = serviceTransition(config, before, fed, () => othersOf(plan, state, name, event.now))
    services = services.with(name, step.state)
    const isChanged = isNews(before, step.state)
    if (isChanged) changed.push(name)
    if (isChanged || isSound(before) !== isSound(step.state)) news.push(name)
    for (const action of step.actions) {
      actions.push({ kind: 'service', service: name, action }, ...logServiceAction(name, action))
    }
  }
  return { services, actions, changed, news }
}

/** An instance asks for the verdict, and why it is a bad one. */
const isNews = (before: ServiceState, after: ServiceState): boolean =>
  before.verdict !== after.verdict || (after.verdict === 'failed' && before.phase !== after.phase)

type Feed = readonly [service: string, event: ServiceEvent]

function feedsOf(
  plan: NodePlan,
  services: Table<ServiceState>,
  state: EngineState,
  event: EngineEvent,
): readonly Feed[] {
  const { now, kind } = event
  // What is interrupted for the end of the engine tells nothing of the server.
  if (state.stopping || state.leaving || kind === 'stop' || kind === 'leave') return []
  switch (kind) {
    case 'start':
      return plan.services.map(({ name }) => [name, { kind, now }])
    case 'timer':
      return services.dueBy(now).map((name) => [name, { kind, now }])
    case 'probed':
      return [[event.service, { kind, now, results: event.results }]]
    case 'config-tested':
    case 'restarted':
      return [[event.service, { kind, now, outcome: event.outcome }]]
    case 'main-process':
      return [[event.service, { kind, now, main: event.main }]]
    case 'peer-heard':
      return doubted(state.peers.get(event.node), event).map((name) => [name, { kind: 'look', now }])
    default:
      return []
  }
}

/** An administrator works on a box that has handed everything over: its servers are left to him. */
export function pauseHeldServices(
  plan: NodePlan,
  services: Table<ServiceState>,
  instances: ReadonlyMap<string, InstanceRuntime>,
  names: Iterable<string>,
): Table<ServiceState> {
  let next = services
  for (const name of names) {
    const service = next.get(name)
    const tracking = indexOf(plan).tracking.get(name) ?? []
    const isHeld = tracking.length > 0 && tracking.every((each) => instances.get(each.name)?.hold !== undefined)
    if (service !== undefined) next = next.with(name, pauseRemedies(service, isHeld))
  }
  return next
}
