import { formatDuration, minus } from '../../shared/units.ts'
import { describeCause } from '../vrrp/describe.ts'
import { transition as routerTransition } from '../vrrp/transition.ts'
import { LAST_RESORT, type RouterEvent } from '../vrrp/types.ts'
import { damped } from './damping.ts'
import { forgetSaid, sayRouterAction } from './display.ts'
import { HELD, reasonOf } from './hold.ts'
import { followLan, noteRouterAction } from './lan.ts'
import { lookBeforeClaim } from './lan-doubt.ts'
import { learning } from './learning.ts'
import { type Participation, participation } from './participation.ts'
import { followPeers } from './peer-follow.ts'
import { isDeafTo } from './peer-move-in.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** Brings the router in line with what it depends on, then gives it the event itself. */
export function follow(
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
    const known = routerEvent.kind === 'advert' ? learning(instance, state, event.now) : instance.router
    const config = damped(known, instance, current, state, event.now)
    const step = routerTransition(config, current.router, routerEvent)
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
  const peers = followPeers(plan, instance, current, state, event)
  current = peers.runtime
  actions.push(...peers.actions)
  for (const each of peers.feeds) feed(each)
  if (peers.feeds.length > 0) feed(following(instance, current, state, event))
  const look = event.kind === 'timer' ? lookBeforeClaim(instance, current, state, peers.blocked, event.now) : undefined
  if (look !== undefined) {
    current = look.runtime
    actions.push(...look.actions)
  }
  const isDeaf = event.kind === 'advert' && isDeafTo(current, plan.nodeNames.get(event.from), event.now)
  if (look?.goOn !== false && !isDeaf && !(peers.blocked && event.kind === 'timer')) feed(direct(instance, event))
  current = noteFollowed(plan, instance, current, event)
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
  { router, gate }: InstanceRuntime,
  event: EngineEvent,
): RouterEvent | undefined {
  if (router.phase.kind !== 'master' || !TELLS_TIME.has(event.kind)) return undefined
  const { now } = event
  const silent = minus(now, minus(router.phase.advertAt, config.advertInterval))
  // The keenest backup that there can be waits longer than this.
  if (silent <= 3 * config.advertInterval) return undefined
  // By the promises of all that could claim: the gate would have been closed before.
  if (gate.open !== undefined && now < gate.open.until) return undefined
  return { kind: 'lapse', now, reason: `this engine slept for ${formatDuration(silent)}, longer than a backup waits` }
}

/** What an engine that wakes may hear first: nothing may be decided or said as master before. */
const TELLS_TIME: ReadonlySet<EngineEvent['kind']> = new Set(['timer', 'advert', 'peer-heard', 'peer-met', 'peer-path'])

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
    const reason =
      event.kind === 'stop'
        ? event.reason
        : [...part.faults, ...part.waiting].join('; ') || (runtime.hold === undefined ? HELD : reasonOf(runtime.hold))
    return { kind: 'shutdown', now, reason }
  }
  const reason = part.faults.join('; ') || (runtime.hold === undefined ? 'ready to serve' : reasonOf(runtime.hold))
  if (phase.kind === 'initialize') return { kind: 'startup', now, priority: part.priority, reason }
  if (part.priority === priority) return undefined
  const resigns = part.priority === LAST_RESORT && !staysInStandby(instance, runtime, part)
  return { kind: resigns ? 'resign' : 'priority', now, priority: part.priority, reason }
}

/** An advert that has just armed the timer: until that runs out this node does not claim, so it may be acknowledged. */
function noteFollowed(
  { nodeNames }: NodePlan,
  { name }: InstancePlan,
  runtime: InstanceRuntime,
  event: EngineEvent,
): InstanceRuntime {
  const { phase } = runtime.router
  if (event.kind !== 'advert' || event.instance !== name || phase.kind !== 'backup' || phase.armedBy !== 'advert')
    return runtime
  const node = nodeNames.get(event.from)
  if (node === undefined || phase.armedAt !== event.now) return runtime
  return { ...runtime, peer: { ...runtime.peer, followed: { node, id: event.id, at: event.now } } }
}

/** A holder in standby goes on, with the priority of the last resort, while it knows that no other node could take over. */
const staysInStandby = (
  { whenAllDown }: InstancePlan,
  { hold, peer: { nobodyReadier, isolated } }: InstanceRuntime,
  { serving }: Participation,
): boolean => hold?.standby === true && nobodyReadier && isolated === undefined && (serving || whenAllDown === 'hold')

function direct(instance: InstancePlan, event: EngineEvent): RouterEvent | undefined {
  if (event.kind === 'timer') return { kind: 'timer', now: event.now }
  if (event.kind !== 'advert' || event.instance !== instance.name) return undefined
  return { kind: 'advert', now: event.now, from: event.from, advert: event.advert }
}
