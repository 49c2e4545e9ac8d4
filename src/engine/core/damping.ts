import { formatDuration, fromSeconds, type Micros, micros, minus, plus } from '../../shared/units.ts'
import { toldOf } from '../peer/told.ts'
import type { Cause, RouterConfig } from '../vrrp/types.ts'
import { LAST_RESORT } from '../vrrp/types.ts'
import { isAddressed } from './hold.ts'
import { participation } from './participation.ts'
import { ownWait } from './peer-view.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * A node that loses the addresses by a fault again and again (an engine that stalls, a service that flaps) waits longer each
 * time before it takes them back from a node that serves: each taking back is an interruption, and the next loss is one, too.
 * PURE. What nobody holds is claimed as ever, and what an administrator hands over is taken.
 */
export type Damping = {
  /** By a fault, since the last calm time. */
  readonly losses: number
  readonly firstAt: Micros
  readonly lostAt: Micros
  /** Until when they are not taken back; undefined: this node could not hold them yet since. */
  readonly until: Micros | undefined
}

/** After so long without a loss all are forgotten. */
const CALM = fromSeconds(300)
const LONGEST = fromSeconds(60)
/** One loss is no pattern. */
const PATTERN = 2

/** Brings the count in line with what this event led to. */
export function followDamping(
  instance: InstancePlan,
  before: InstanceRuntime,
  after: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
  decided: readonly EngineAction[],
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  // The administrator's word: now.
  if (event.kind === 'back' && isAddressed(event.instances, instance)) return still(withDamping(after, undefined))
  const { now } = event
  if (isLoss(instance, before, after, state, decided)) {
    const last = isFresh(after.damping, now) ? after.damping : undefined
    const damping = { losses: (last?.losses ?? 0) + 1, firstAt: last?.firstAt ?? now, lostAt: now, until: undefined }
    const lost = withDamping(after, damping)
    const actions = damping.losses < PATTERN ? [] : [logDamped(instance, damping)]
    return { runtime: begin(instance, lost, state, now), actions }
  }
  return still(begin(instance, after, state, now))
}

const still = (runtime: InstanceRuntime) => ({ runtime, actions: [] })

const withDamping = (runtime: InstanceRuntime, damping: Damping | undefined): InstanceRuntime =>
  runtime.damping === damping ? runtime : { ...runtime, damping }

const isFresh = (damping: Damping | undefined, now: Micros): damping is Damping =>
  damping !== undefined && now < plus(damping.lostAt, CALM)

/** The wait begins when this node could hold the addresses again, and anew when it could not meanwhile. */
function begin(instance: InstancePlan, runtime: InstanceRuntime, state: EngineState, now: Micros): InstanceRuntime {
  const { damping, router } = runtime
  if (damping === undefined || damping.losses < PATTERN || router.phase.kind === 'master') return runtime
  if (!isFresh(damping, now)) return withDamping(runtime, undefined)
  const part = participation(instance, runtime, state.services)
  const isAble = part.takesPart && part.priority > LAST_RESORT && part.faults.length === 0
  if (isAble === (damping.until !== undefined)) return runtime
  // preempt_delay follows on it.
  const wait = minus(waitAfter(instance, damping), instance.router.preemptDelay)
  return withDamping(runtime, { ...damping, until: isAble ? plus(now, wait) : undefined })
}

/** Doubled with each loss, from what a taking back takes in any case. */
function waitAfter(instance: InstancePlan, { losses }: Damping): Micros {
  const { preemptDelay } = instance.router
  const first = Math.max(preemptDelay, ownWait(instance))
  return micros(Math.max(preemptDelay, Math.min(LONGEST, first * 2 ** (losses - 1))))
}

/** It held, and does not any more, and nobody wanted that. */
function isLoss(
  instance: InstancePlan,
  before: InstanceRuntime,
  after: InstanceRuntime,
  state: EngineState,
  decided: readonly EngineAction[],
): boolean {
  if (before.router.phase.kind !== 'master' || after.router.phase.kind === 'master') return false
  if (after.hold !== undefined || state.stopping || state.leaving) return false
  // That has pauses of its own, which grow as well (bind-retry.ts).
  if (after.bindFailure !== undefined) return false
  const { faults } = participation(instance, after, state.services)
  const cause = causeOf(decided)
  return faults.length > 0 || cause === 'resigned' || (cause === 'lapsed' && !isYielding(before, after))
}

/** To a better one. */
const isYielding = (before: InstanceRuntime, { peer }: InstanceRuntime): boolean =>
  before.peer.move?.side === 'out' || peer.verdict.kind === 'conflict'

/** Why the router was no longer master. */
function causeOf(decided: readonly EngineAction[]): Cause['kind'] | undefined {
  for (const each of decided) {
    if (each.kind !== 'router' || each.action.kind !== 'state-change') continue
    if (each.action.from === 'master') return each.action.cause.kind
  }
  return undefined
}

/** Until when this node leaves the addresses to the one that holds them; undefined: it does not, or that one is not known to serve. */
export function leavesUntil(
  { name }: InstancePlan,
  { damping }: InstanceRuntime,
  state: EngineState,
  now: Micros,
): Micros | undefined {
  if (damping === undefined || damping.losses < PATTERN || !isFresh(damping, now)) return undefined
  const until = damping.until ?? plus(damping.lostAt, CALM)
  if (now >= until) return undefined
  const holders = [...state.peers.values()].map((facts) => toldOf(facts, name).says).filter((says) => says?.holding)
  // Without the channel its adverts tell, by their priority.
  return holders.some((says) => says?.readiness !== 'serves') ? undefined : until
}

/** The router's configuration while it leaves the addresses to a lower master: as with `preempt: false`. */
export function damped(
  config: RouterConfig,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): RouterConfig {
  const isLeft = config.preempt && runtime.damping !== undefined && leavesUntil(instance, runtime, state, now)
  return isLeft === undefined || isLeft === false ? config : { ...config, preempt: false }
}

/** `lost 3 times by a fault within 40s`. */
export const describeLosses = ({ losses, firstAt, lostAt }: Damping): string =>
  `lost ${losses} times by a fault within ${formatDuration(minus(lostAt, firstAt))}`

const logDamped = (instance: InstancePlan, damping: Damping): EngineAction => ({
  kind: 'log',
  record: {
    level: 'warn',
    subject: instance.name,
    code: 'damped',
    message: `${describeLosses(damping)}: not taken back from a node that serves before this one could serve for ${formatDuration(waitAfter(instance, damping))} (at once: haup failover --back)`,
  },
})
