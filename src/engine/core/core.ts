import { initialService, serviceDeadline, serviceTransition } from '../../probes/policy.ts'
import type { ServiceEvent } from '../../probes/types.ts'
import { assertNever } from '../../shared/errors.ts'
import { earliest, formatDuration, type Micros, minus } from '../../shared/units.ts'
import { describeCause } from '../vrrp/describe.ts'
import { initialState as initialRouter, transition as routerTransition } from '../vrrp/transition.ts'
import { LAST_RESORT, type RouterEvent } from '../vrrp/types.ts'
import { guardAddresses } from './addresses.ts'
import { retryBinding } from './bind-retry.ts'
import { display, forgetSaid, logDisplay, logServiceAction, sayRouterAction } from './display.ts'
import { calmGuardian, guardianDeadline } from './guardian.ts'
import { HELD, logHold, pauseHeldServices, takeHold } from './hold.ts'
import { followLan, instanceDeadline, noteRouterAction } from './lan.ts'
import { lookBeforeClaim } from './lan-doubt.ts'
import { hearLan, hearStations } from './lan-hear.ts'
import { quietLan } from './lan-types.ts'
import { participation } from './participation.ts'
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
    ...hearStations(state, event),
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
    const guarded = guardAddresses(instance, take(instance, retried.runtime, event), event)
    actions.push(...heard.actions, ...retried.actions, ...guarded.actions)
    const after = follow(plan, instance, guarded.runtime, next, event, actions)
    const shown = display(instance, after, next, event.now)
    draft.set(instance.name, { ...after, display: shown })
    actions.push(
      ...logHold(instance, before.hold, after.hold, event),
      ...logDisplay(instance, before.display, shown, actions),
    )
  }
  return { state: { ...next, services: new Map(pauseHeldServices(plan, next)) }, actions }
}

/** Everything at rest: services not judged, links not reported, nobody takes part. */
export function initialEngine(plan: NodePlan, now: Micros): EngineState {
  return {
    services: new Map(plan.services.map((service) => [service.name, initialService(service, now)])),
    instances: new Map(plan.instances.map((instance) => [instance.name, initialRuntime(instance, now)])),
    arp: false,
    stations: new Map(),
    stopping: false,
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
  cause: 'the engine starts',
  display: { state: 'INIT', since: now, reason: 'the engine starts' },
})

/** When the shell has to call with `timer` next; undefined = only when something happens. */
export function engineDeadline(state: EngineState): Micros | undefined {
  // A stopped engine waits for nothing: every router is in Initialize and no service is asked any more.
  if (state.stopping) return undefined
  let at: Micros | undefined
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
      return []
    default:
      return assertNever(event)
  }
}

/** What an event says about the world around one instance; the router itself is not touched here. */
function take(plan: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime {
  switch (event.kind) {
    case 'link':
      return { ...runtime, links: new Map(runtime.links).set(event.link.interface, event.link) }
    case 'socket':
      if (event.interface !== plan.interface) return runtime
      return { ...runtime, socket: event.error === undefined ? 'open' : { error: event.error } }
    default:
      return takeHold(plan, runtime, event)
  }
}

/** Brings the router in line with what it depends on, then gives it the event itself. */
function follow(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
  actions: EngineAction[],
): InstanceRuntime {
  let current = runtime
  let advertised = false
  const feed = (routerEvent: RouterEvent | undefined): void => {
    if (routerEvent === undefined) return
    const step = routerTransition(instance.router, current.router, routerEvent)
    current = { ...current, router: step.state }
    for (const action of step.actions) {
      if (action.kind === 'state-change') current = { ...forgetSaid(current), cause: describeCause(action.cause) }
      const said = sayRouterAction(plan, instance, current, action, event.now)
      actions.push(...said.actions)
      current = said.runtime
      current = { ...current, lan: noteRouterAction(instance, current, action, event) }
      advertised ||= action.kind === 'send-advert'
      actions.push({ kind: 'router', instance: instance.name, action })
    }
  }
  feed(overslept(instance, current, event))
  feed(following(instance, current, state, event))
  const look = event.kind === 'timer' ? lookBeforeClaim(instance, current, state, event.now) : undefined
  if (look !== undefined) {
    current = look.runtime
    actions.push(...look.actions)
  }
  if (look?.goOn !== false) feed(direct(instance, event))
  const lan = followLan(instance, current, state, event, advertised)
  current = lan.runtime
  actions.push(...lan.actions)
  feed(lan.lapse)
  // A hand-over that nobody answered ends here: the box that claimed its own address back is in the election as before.
  if (
    current.hold?.answered === false &&
    runtime.router.phase.kind === 'backup' &&
    current.router.phase.kind === 'master'
  ) {
    current = { ...current, hold: undefined }
    feed(following(instance, current, state, event))
  }
  return current
}

/**
 * A master that could not speak for longer than its backups wait (a stopped or starved process) does not speak now either:
 * somebody else may hold the address.
 */
function overslept(
  { router: config }: InstancePlan,
  { router }: InstanceRuntime,
  event: EngineEvent,
): RouterEvent | undefined {
  if (router.phase.kind !== 'master' || (event.kind !== 'timer' && event.kind !== 'advert')) return undefined
  const { now } = event
  const silent = minus(now, minus(router.phase.advertAt, config.advertInterval))
  // The keenest backup that there can be waits longer than this.
  if (silent <= 3 * config.advertInterval) return undefined
  return { kind: 'lapse', now, reason: `this engine slept for ${formatDuration(silent)}, longer than a backup waits` }
}

/** Startup, shutdown, resignation or another priority, as participation demands. */
function following(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
): RouterEvent | undefined {
  const { now } = event
  const { phase, priority } = runtime.router
  const part = participation(instance, runtime, state.services)
  if (state.stopping || !part.takesPart) {
    if (phase.kind === 'initialize') return undefined
    const reason = event.kind === 'stop' ? event.reason : [...part.faults, ...part.waiting].join('; ') || HELD
    return { kind: 'shutdown', now, reason }
  }
  const reason = part.faults.join('; ') || (runtime.hold === undefined ? 'ready to serve' : HELD)
  if (phase.kind === 'initialize') return { kind: 'startup', now, priority: part.priority, reason }
  if (part.priority === priority) return undefined
  return { kind: part.priority === LAST_RESORT ? 'resign' : 'priority', now, priority: part.priority, reason }
}

function direct(instance: InstancePlan, event: EngineEvent): RouterEvent | undefined {
  if (event.kind === 'timer') return { kind: 'timer', now: event.now }
  if (event.kind !== 'advert' || event.instance !== instance.name) return undefined
  return { kind: 'advert', now: event.now, from: event.from, advert: event.advert }
}
