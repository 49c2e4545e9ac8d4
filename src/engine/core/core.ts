import { initialService, serviceDeadline, serviceTransition } from '../../probes/policy.ts'
import type { ServiceEvent } from '../../probes/types.ts'
import { assertNever } from '../../shared/errors.ts'
import { earliest, type Micros } from '../../shared/units.ts'
import { initialState as initialRouter } from '../vrrp/transition.ts'
import { guardAddresses } from './addresses.ts'
import { retryBinding } from './bind-retry.ts'
import { display, logDisplay, logServiceAction } from './display.ts'
import { follow } from './follow.ts'
import { calmGuardian, guardianDeadline } from './guardian.ts'
import { logHold, pauseHeldServices, takeHold } from './hold.ts'
import { instanceDeadline } from './lan.ts'
import { hearLan, hearStations } from './lan-hear.ts'
import { quietLan } from './lan-types.ts'
import { observePeers } from './peer-follow.ts'
import { hearPeers, isLate } from './peer-hear.ts'
import { noteMastership } from './peer-hold.ts'
import { offerHold } from './peer-move.ts'
import { peerDeadline, talk } from './peer-report.ts'
import { quietPeer } from './peer-types.ts'
import { viewOf } from './peer-view.ts'
import type {
  EngineAction,
  EngineEvent,
  EngineState,
  EngineStep,
  InstancePlan,
  InstanceRuntime,
  NodePlan,
} from './types.ts'

/**
 * `engineTransition(plan, state, event) -> { state, actions }`. Three steps for each event: feed the machine that it is
 * meant for; then let every instance follow what it depends on (links, services, holds); then refresh what is displayed.
 */
export function engineTransition(plan: NodePlan, state: EngineState, event: EngineEvent): EngineStep {
  const draft = new Map(state.instances)
  const services = new Map(state.services)
  const actions: EngineAction[] = []
  const next: EngineState = {
    instances: draft,
    services,
    stopping: state.stopping || event.kind === 'stop',
    talk: state.talk,
    wokeAt: event.kind === 'start' || isLate(plan, state, event) ? event.now : state.wokeAt,
    ...hearStations(state, event),
    ...hearPeers(plan, state, event),
  }
  for (const feed of serviceFeeds(plan, next, event)) {
    const config = plan.services.find((service) => service.name === feed.service)
    const current = services.get(feed.service)
    if (config === undefined || current === undefined) continue
    const step = serviceTransition(config, current, feed.event)
    services.set(feed.service, step.state)
    for (const action of step.actions) {
      actions.push({ kind: 'service', service: feed.service, action }, ...logServiceAction(feed.service, action))
    }
  }
  for (const instance of plan.instances) {
    const before = draft.get(instance.name)
    if (before === undefined) continue
    const heard = hearLan(instance, before, next.stations, event)
    const retried = retryBinding(instance, heard.runtime, event)
    const taken = take(plan, instance, retried.runtime, next, event)
    const guarded = guardAddresses(instance, taken, event)
    const observed = observePeers(plan, instance, guarded.runtime, next, event)
    actions.push(...heard.actions, ...retried.actions, ...guarded.actions, ...observed.actions)
    const after = noteMastership(follow(plan, instance, observed.runtime, next, event, actions), event.now)
    const shown = display(instance, after, next, event.now)
    draft.set(instance.name, { ...after, display: shown })
    actions.push(
      ...logHold(instance, before.hold, after.hold, event),
      ...logDisplay(instance, before.display, shown, actions),
    )
  }
  const spoken = talk(plan, next, state.peers, event)
  actions.push(...spoken.actions)
  return { state: { ...next, talk: spoken.talk, services: new Map(pauseHeldServices(plan, next)) }, actions }
}

/** Everything at rest: services not judged, links not reported, nobody takes part. */
export function initialEngine(plan: NodePlan, now: Micros): EngineState {
  return {
    services: new Map(plan.services.map((service) => [service.name, initialService(service, now)])),
    instances: new Map(plan.instances.map((instance) => [instance.name, initialRuntime(instance, now)])),
    arp: false,
    stations: new Map(),
    stopping: false,
    leaving: false,
    wokeAt: undefined,
    peers: new Map(),
    talk: undefined,
    lostWitnesses: new Map(),
    leases: new Map(),
  }
}

export const initialRuntime = (instance: InstancePlan, now: Micros): InstanceRuntime => ({
  router: initialRouter(instance.router, instance.basePriority),
  hold: undefined,
  links: new Map(),
  socket: undefined,
  bindFailure: undefined,
  failedClaims: 0,
  guardian: calmGuardian,
  sourceGone: false,
  strangers: [],
  said: new Map(),
  lan: quietLan,
  peer: quietPeer,
  cause: 'the engine starts',
  display: { state: 'INIT', since: now, reason: 'the engine starts' },
})

/** When the shell has to call with `timer` next; undefined = only when something happens. */
export function engineDeadline(state: EngineState): Micros | undefined {
  // A stopped engine waits for nothing: every router is in Initialize and no service is asked any more.
  if (state.stopping) return undefined
  let at = peerDeadline(state)
  for (const runtime of state.instances.values()) {
    at = earliest(at, instanceDeadline(runtime))
    at = earliest(at, runtime.hold?.until)
    at = earliest(at, runtime.bindFailure?.retryAt)
    at = earliest(at, guardianDeadline(runtime.guardian))
  }
  for (const service of state.services.values()) at = earliest(at, serviceDeadline(service))
  return at
}

type ServiceFeed = { readonly service: string; readonly event: ServiceEvent }

function serviceFeeds(plan: NodePlan, state: EngineState, event: EngineEvent): readonly ServiceFeed[] {
  if (state.stopping) return []
  const { now } = event
  switch (event.kind) {
    case 'start':
    case 'timer': {
      const { kind } = event
      return plan.services.map((service) => ({ service: service.name, event: { kind, now } }))
    }
    case 'probed':
      return [{ service: event.service, event: { kind: 'probed', now, results: event.results } }]
    case 'config-tested':
    case 'restarted':
      return [{ service: event.service, event: { kind: event.kind, now, outcome: event.outcome } }]
    case 'main-process':
      return [{ service: event.service, event: { kind: 'main-process', now, main: event.main } }]
    case 'advert':
    case 'link':
    case 'stranger':
    case 'arp-ready':
    case 'neighbour':
    case 'foreign-claim':
    case 'lan-probe':
    case 'socket':
    case 'bind-failed':
    case 'able':
    case 'bindings-checked':
    case 'addresses':
    case 'address-lost':
    case 'culprit':
    case 'repaired':
    case 'repair-failed':
    case 'hold':
    case 'back':
    case 'stop':
    case 'leave':
    case 'peer-heard':
    case 'peer-met':
    case 'peer-path':
    case 'peer-broken':
    case 'reach':
    case 'witness':
    case 'lease':
    case 'fenced':
    case 'let-go':
    case 'admitted':
    case 'handed-on':
    case 'opened':
      return []
    default:
      return assertNever(event)
  }
}

/** What an event says about the world around one instance; the router itself is not touched here. */
function take(
  node: NodePlan,
  plan: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
): InstanceRuntime {
  switch (event.kind) {
    case 'hold': {
      const view = viewOf(node, plan, runtime, state, event.now)
      return (view && offerHold(plan, runtime, view, event)) ?? takeHold(plan, runtime, event)
    }
    case 'link':
      return { ...runtime, links: new Map(runtime.links).set(event.link.interface, event.link) }
    case 'socket':
      if (event.interface !== plan.interface) return runtime
      return { ...runtime, socket: event.error === undefined ? 'open' : { error: event.error } }
    default:
      return takeHold(plan, runtime, event)
  }
}
