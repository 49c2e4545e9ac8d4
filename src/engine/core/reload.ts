import type { ServiceConfig } from '../../probes/types.ts'
import { formatPrefix } from '../../shared/ip.ts'
import { type Micros, plus } from '../../shared/units.ts'
import { transition } from '../vrrp/transition.ts'
import { OWNER } from '../vrrp/types.ts'
import { initialRuntime } from './core.ts'
import { instanceTable } from './instance-table.ts'
import { isStranger } from './lan-text.ts'
import { quietPeer } from './peer-types.ts'
import { ownWait, promisedWait } from './peer-view.ts'
import { placeOf } from './place.ts'
import { forget } from './said.ts'
import { servicesFor } from './services.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** What another configuration means for a running engine. PURE. */
export type Reload = {
  /** To be carried out first, by the old plan: what goes hands over and lets go. */
  readonly farewell: readonly EngineAction[]
  /** Instances that ended, among them those that begin anew under the same name. */
  readonly gone: readonly string[]
  readonly state: EngineState
  /** To be carried out by the new plan. */
  readonly actions: readonly EngineAction[]
  /** In words, one for each thing that changed; empty = nothing did. */
  readonly changes: readonly string[]
}

/**
 * Item by item: what did not change is not touched, so that no address moves. An instance goes on while its identity (VRID,
 * version, interface, source, ownership) stays; another identity is another router. A `timer` event has to follow.
 */
export function planReload(before: NodePlan, after: NodePlan, state: EngineState, now: Micros): Reload {
  const farewell: EngineAction[] = []
  const actions: EngineAction[] = []
  const gone: string[] = []
  const changes: string[] = []
  const instances = new Map<string, InstanceRuntime>()
  for (const old of before.instances) {
    const next = find(after.instances, old.name)
    if (next !== undefined && isSameRouter(old, next)) continue
    farewell.push(...leave(old, state, now))
    gone.push(old.name)
    changes.push(next === undefined ? `${old.name}: removed` : `${old.name}: another router now, leaves and joins anew`)
  }
  for (const next of after.instances) {
    const old = gone.includes(next.name) ? undefined : find(before.instances, next.name)
    const runtime = state.instances.get(next.name)
    if (old === undefined || runtime === undefined) {
      if (!gone.includes(next.name)) changes.push(`${next.name}: added`)
      instances.set(next.name, join(next, before, after, state, now))
      continue
    }
    const going = withoutStrangers(next, withoutPeers(next, before, after, runtime, actions))
    instances.set(next.name, withKeptWait(old, next, withSoonerAdvert(next, going, now), now))
    changes.push(...describeChanges(old, next))
    if (runtime.router.phase.kind === 'master' && text(addressing(old)) !== text(addressing(next))) {
      actions.push(...readdress(next, runtime))
    }
  }
  const services = servicesFor(after.services, state.services, now)
  changes.push(...describeServices(before.services, after.services))
  return { farewell, gone, state: { ...state, instances: instanceTable(instances), services }, actions, changes }
}

/** The next advert comes when the new interval says, if that is sooner: backups have to learn of it from an advert. */
function withSoonerAdvert({ router: { advertInterval } }: InstancePlan, runtime: InstanceRuntime, now: Micros) {
  const { phase } = runtime.router
  const latest = plus(now, advertInterval)
  if (phase.kind !== 'master' || phase.advertAt <= latest) return runtime
  return { ...runtime, router: { ...runtime.router, phase: { ...phase, advertAt: latest } } }
}

/** The old, longer wait is kept for as long as others may rely on it. */
function withKeptWait(old: InstancePlan, next: InstancePlan, runtime: InstanceRuntime, now: Micros): InstanceRuntime {
  const wait = promisedWait(old, runtime, now)
  if (ownWait(next) >= wait) return runtime
  return { ...runtime, peer: { ...runtime.peer, keptWait: { wait, until: plus(now, wait) } } }
}

/** Without the channel nothing that was agreed upon by it goes on; an instance is not left with a gate that stays closed. */
function withoutPeers(
  { name }: InstancePlan,
  before: NodePlan,
  after: NodePlan,
  runtime: InstanceRuntime,
  actions: EngineAction[],
): InstanceRuntime {
  const next = { ...runtime, bindFailure: undefined, failedClaims: 0 }
  if (before.channel === undefined || after.channel !== undefined) return next
  const { holding, heldSince, leaseWanted, move } = runtime.peer
  const isMaster = runtime.router.phase.kind === 'master'
  const router = (kind: 'bind' | 'unbind'): EngineAction => ({ kind: 'router', instance: name, action: { kind } })
  if (move !== undefined) actions.push(router(isMaster ? 'bind' : 'unbind'))
  if (leaseWanted) actions.push({ kind: 'lease', instance: name, wanted: false })
  return { ...next, peer: { ...quietPeer, holding, heldSince } }
}

/** Who is no node by the new file may have been one by the old: only what is heard from now on counts. */
function withoutStrangers(next: InstancePlan, runtime: InstanceRuntime): InstanceRuntime {
  const { lan, said } = runtime
  const heard = new Map([...lan.heard].filter(([from]) => !isStranger(next, from)))
  const saidOf = said.get('stranger')
  const forgotten = saidOf === undefined ? said : new Map(said).set('stranger', forget(saidOf))
  return { ...runtime, lan: { ...lan, heard }, said: forgotten }
}

const find = <T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined =>
  list.find((each) => each.name === name)

const identity = ({ interface: name, router: { vrid, version, source }, basePriority }: InstancePlan) =>
  text([name, vrid, version, source, basePriority === OWNER])

const isSameRouter = (a: InstancePlan, b: InstancePlan): boolean => identity(a) === identity(b)

const addressing = ({ bindings, router }: InstancePlan) => [bindings, router.addresses]

function leave(plan: InstancePlan, state: EngineState, now: Micros): EngineAction[] {
  const runtime = state.instances.get(plan.name)
  if (runtime === undefined) return []
  const { actions } = transition(plan.router, runtime.router, { kind: 'shutdown', now, reason: 'reload' })
  return actions.map((action) => ({ kind: 'router', instance: plan.name, action }))
}

/** A newcomer knows of interfaces what others know already. */
function join(plan: InstancePlan, before: NodePlan, after: NodePlan, state: EngineState, now: Micros): InstanceRuntime {
  const neighbour = before.instances.find((each) => each.interface === plan.interface)
  const known = neighbour && state.instances.get(neighbour.name)
  const [first] = state.instances.values()
  const links = first?.links ?? new Map()
  return {
    ...initialRuntime(plan, now),
    links,
    socket: known?.socket,
    place: placeOf(plan, first?.place.seen, links, after.channel !== undefined),
    // A node on standby holds nothing, what is new neither.
    hold: [...state.instances.values()].find(({ hold }) => hold?.standby === true)?.hold,
  }
}

/** A master whose addresses changed: the kernel, the peers and the switches are told. */
const readdress = (plan: InstancePlan, { router }: InstanceRuntime): EngineAction[] =>
  (['bind', 'send-advert', 'announce'] as const).map((kind) => ({
    kind: 'router',
    instance: plan.name,
    action: kind === 'send-advert' ? { kind, priority: router.priority } : { kind },
  }))

function describeChanges(old: InstancePlan, next: InstancePlan): string[] {
  const had = old.addresses.map(({ address }) => formatPrefix(address))
  const has = next.addresses.map(({ address }) => formatPrefix(address))
  const moved = [...has.filter((each) => !had.includes(each)).map((each) => `+${each}`)]
  moved.push(...had.filter((each) => !has.includes(each)).map((each) => `-${each}`))
  if (moved.length > 0) return [`${next.name}: addresses ${moved.join(' ')}`]
  if (old.basePriority !== next.basePriority) {
    return [`${next.name}: priority ${old.basePriority} -> ${next.basePriority}`]
  }
  return text(old) === text(next) ? [] : [`${next.name}: settings changed`]
}

function describeServices(before: readonly ServiceConfig[], after: readonly ServiceConfig[]): string[] {
  const changes = before
    .filter(({ name }) => find(after, name) === undefined)
    .map(({ name }) => `${name}: no longer checked`)
  for (const next of after) {
    const old = find(before, next.name)
    if (old === undefined) changes.push(`${next.name}: checked from now on`)
    else if (text(old) !== text(next)) changes.push(`${next.name}: checks changed`)
  }
  return changes
}

/** Plain data as text, to compare it. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (each instanceof RegExp ? String(each) : each))
