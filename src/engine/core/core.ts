import { earliest, type Micros } from '../../shared/units.ts'
import { initialState as initialRouter } from '../vrrp/transition.ts'
import { guardAddresses } from './addresses.ts'
import { admitAdvert } from './adverts.ts'
import { retryBinding } from './bind-retry.ts'
import { followDamping } from './damping.ts'
import { display } from './display.ts'
import { follow } from './follow.ts'
import { followGate } from './gate-follow.ts'
import { closedGate } from './gate-policy.ts'
import { calmGuardian } from './guardian.ts'
import { followHearing } from './hearing.ts'
import { isAddressed, logHold, takeHold } from './hold.ts'
import { instancesOf, instanceTable, isAny, MARK } from './instance-table.ts'
import { hearLan, hearStations } from './lan-hear.ts'
import { quietLan } from './lan-types.ts'
import { ownersOf } from './owners.ts'
import { followPace, unknownPace } from './pace.ts'
import { noteMastership, observePeers } from './peer-follow.ts'
import { hearPeers, isLate } from './peer-hear.ts'
import { offerHold } from './peer-move.ts'
import { meet } from './peer-note.ts'
import { talk } from './peer-talk.ts'
import { quietPeer } from './peer-types.ts'
import { viewOf } from './peer-view.ts'
import { unknownPlace } from './place.ts'
import { indexOf } from './plan-index.ts'
import { followRedundancy, fullRedundancy } from './redundancy.ts'
import { isRefused } from './refuse-hold.ts'
import { followServices, pauseHeldServices, servicesFor, servicesOf } from './services.ts'
import { spreadAdverts, TOGETHER } from './spread.ts'
import { noStateLines, tellDisplay } from './state-lines.ts'
import { isSteady } from './steady.ts'
import { successor } from './successor.ts'
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
 * `engineTransition(plan, state, event) -> { state, actions }`. Three steps for each event: feed the service that it is
 * meant for; then let the instances that it concerns (owners.ts) follow what they depend on (links, services, holds), each
 * with its router; then say what changed to other nodes. Nothing else is looked at, so that an event costs the same
 * whatever the number of instances and services.
 */
export function engineTransition(plan: NodePlan, state: EngineState, raw: EngineEvent): EngineStep {
  const event = admitAdvert(plan, state, raw)
  const fed = followServices(plan, state, event)
  const timed = followPace(plan, state.pace, event)
  const actions: EngineAction[] = [...fed.actions, ...timed.actions]
  let next: EngineState = {
    follows: plan,
    instances: instancesOf(state),
    services: fed.services,
    stopping: state.stopping || event.kind === 'stop',
    fenced: event.kind === 'fence' ? event.ready : state.fenced,
    talk: state.talk,
    hearing: state.hearing,
    wokeAt: event.kind === 'start' || isLate(plan, state, event) ? event.now : state.wokeAt,
    pace: timed.pace,
    ...hearStations(state, event),
    ...hearPeers(plan, state, event),
  }
  const touched = [...ownersOf(plan, state, next, event, fed.changed)]
  const paused = new Set<string>()
  for (let place = 0; place < touched.length || queueUp(plan, next, touched); place += 1) {
    const instance = touched[place]
    if (instance === undefined) continue
    const before = next.instances.get(instance.name)
    if (before === undefined) continue
    const { runtime: after, actions: own } = followInstance(plan, instance, before, next, event)
    actions.push(...own)
    next = { ...next, instances: instancesOf(next).with(instance.name, after) }
    const isPaused = state.follows !== plan || (before.hold === undefined) !== (after.hold === undefined)
    if (isPaused) for (const { service } of instance.track) paused.add(service)
  }
  if (paused.size > 0) {
    next = { ...next, services: pauseHeldServices(plan, fed.services, next.instances, paused) }
  }
  actions.push(...meet(plan, next, event))
  const { hearing, actions: told } = followHearing(plan, next, event)
  const spoken = talk(plan, state, next, event, { instances: touched, services: fed.news })
  actions.push(...told, ...spoken.actions)
  return { state: { ...next, hearing, talk: spoken.talk }, actions, touched }
}

/** Adds those whose turn to be handed over has come now; true if there are any. */
function queueUp(plan: NodePlan, state: EngineState, touched: InstancePlan[]): boolean {
  const instances = instancesOf(state)
  const free = isAny(state, MARK.queued) ? TOGETHER - instances.marked(MARK.handsOver).length : 0
  if (free <= 0) return false
  const known = new Set(touched.map(({ name }) => name))
  const turns = instances.marked(MARK.queued).filter((name) => !known.has(name))
  const next = turns.slice(0, free).flatMap((name) => indexOf(plan).instances.get(name) ?? [])
  touched.push(...next)
  return next.length > 0
}

function followInstance(
  plan: NodePlan,
  instance: InstancePlan,
  before: InstanceRuntime,
  next: EngineState,
  event: EngineEvent,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const heard = hearLan(instance, before, next.stations, event)
  const retried = retryBinding(instance, heard.runtime, event)
  const taken = take(plan, instance, retried.runtime, next, event)
  const guarded = guardAddresses(plan, instance, taken, event, () => successor(plan, instance, taken, next, event.now))
  const observed = observePeers(plan, instance, guarded.runtime, next, event)
  const decided: EngineAction[] = []
  const routed = follow(plan, instance, observed.runtime, next, event, decided)
  const damped = followDamping(instance, before, routed, next, event, decided)
  decided.push(...damped.actions)
  const followed = noteMastership(spreadAdverts(plan, instance, before, damped.runtime), event.now)
  const gated = followGate(plan, instance, followed, next, event, [...guarded.actions, ...decided])
  const actions = [...heard.actions, ...retried.actions, ...guarded.actions, ...observed.actions]
  actions.push(...decided, ...gated.actions)
  const shown = { ...gated.runtime, display: display(instance, gated.runtime, next, event.now) }
  const told = tellDisplay(instance, before.display, shown, actions, event.now)
  const backed = followRedundancy(plan, instance, told.runtime, next, event.now)
  actions.push(...logHold(instance, before.hold, shown.hold, event), ...told.actions, ...backed.actions)
  return { runtime: { ...backed.runtime, again: !isSteady(before, shown) }, actions }
}

/** Everything at rest: services not judged, links not reported, nobody takes part. */
export function initialEngine(plan: NodePlan, now: Micros): EngineState {
  return {
    follows: undefined,
    services: servicesFor(plan.services, new Map(), now),
    instances: instanceTable(plan.instances.map((instance) => [instance.name, initialRuntime(instance, now)])),
    arp: false,
    stations: new Map(),
    stopping: false,
    leaving: false,
    wokeAt: undefined,
    pace: unknownPace,
    peers: new Map(),
    talk: undefined,
    hearing: new Map(),
    lostWitnesses: new Map(),
    leases: new Map(),
    fenced: true,
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
  place: unknownPlace,
  strangers: [],
  said: new Map(),
  stateLines: noStateLines,
  lan: quietLan,
  peer: quietPeer,
  gate: closedGate,
  redundancy: fullRedundancy,
  damping: undefined,
  again: false,
  cause: 'the engine starts',
  display: { state: 'INIT', since: now, reason: 'the engine starts' },
})

/** When the shell has to call with `timer` next; undefined = only when something happens. */
export function engineDeadline(state: EngineState): Micros | undefined {
  // A stopped engine waits for nothing: every router is in Initialize and no service is asked any more.
  if (state.stopping) return undefined
  const at = earliest(state.talk?.rows.summary.dueAt, instancesOf(state).summary.dueAt)
  // Services are asked nothing any more by then.
  return state.leaving ? at : earliest(at, servicesOf(state).summary.dueAt)
}

/** Whether answers from the LAN are awaited. */
export const awaitsAnswers = (state: EngineState): boolean => isAny(state, MARK.awaits)

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
      if (!isAddressed(event.instances, plan)) return runtime
      if (isRefused(node, plan, runtime, state, event)) return runtime
      const view = viewOf(node, plan, runtime, state, event.now)
      return (view && offerHold(runtime, view, event)) ?? takeHold(plan, runtime, event)
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
