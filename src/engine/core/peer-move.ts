import { assertNever } from '../../shared/errors.ts'
import { fromMillis, type Micros, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import type { RouterAction, RouterEvent } from '../vrrp/types.ts'
import type { Move, MoveReason } from './peer-types.ts'
import { alive, type Other, type View } from './peer-view.ts'
import type { EngineAction, EngineEvent, Hold, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * The planned move of one instance from one haup node to another, without a moment in which a new connection is refused,
 * and without one in which both accept what is sent straight to them. PURE.
 *
 *   old holder                                  new holder
 *   offer                                  ->   binds behind its closed gate, lets in what the old one hands on
 *                                          <-   prepared
 *   closes its gate and hands on, at once  ->
 *   closed                                 ->   claims: advert, opens its gate, announces
 *                                          <-   opened
 *   unbinds
 *
 * Steps are part of each report and repeated until the other side goes on, so that losses cost time only. Whoever waits in
 * vain falls back to what VRRP alone would do; a closed gate is never opened again without a claim by the rules.
 */

const OFFERED_FOR = fromMillis(500)
const CLOSING_FOR = fromMillis(500)
const CLOSED_FOR = fromMillis(400)
const PREPARED_FOR = fromMillis(1_000)
const LINGERS = fromMillis(2_000)
/** Answers that are on their way to clients which still know this box go out before the address goes. */
const LINGERS_BOUND = fromMillis(150)
/** An advert that the old holder sent before it closed is on its way for no longer. */
const DEAF_FOR = fromMillis(150)

export type MoveStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly feeds: readonly RouterEvent[]
}

type Out = Extract<Move, { side: 'out' }>
type In = Extract<Move, { side: 'in' }>

/** The node that a master hands over to: the one that is asked for, or the best one that could serve. */
export function heirOf(view: View, to: string | undefined): Other | undefined {
  const able = alive(view).filter(({ says, name }) => says?.ready === true && (to === undefined || name === to))
  return able.toSorted((a, b) => compareRank(b.rank, a.rank))[0]
}

export function offer(runtime: InstanceRuntime, view: View, heir: Other, why: MoveReason): InstanceRuntime {
  const { now } = view
  const move: Move = { side: 'out', id: now, with: heir.name, step: 'offered', why, until: plus(now, OFFERED_FOR) }
  return withMove(runtime, move)
}

/** An administrator's hand-over begins as an offer where there is somebody to take it; undefined: there is nobody. */
export function offerHold(
  { name }: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  { instances, until, to, standby = false }: Extract<EngineEvent, { kind: 'hold' }>,
): InstanceRuntime | undefined {
  if (instances.length > 0 && !instances.includes(name)) return undefined
  if (runtime.router.phase.kind !== 'master' || !isFree(runtime)) return undefined
  const heir = heirOf(view, to)
  const hold: Hold = { since: view.now, until, answered: standby, standby }
  return heir === undefined ? undefined : offer(runtime, view, heir, { kind: 'hold', hold })
}

export function followMove(instance: InstancePlan, runtime: InstanceRuntime, view: View, event: EngineEvent): MoveStep {
  const { move } = runtime.peer
  if (event.kind === 'leave' && isFree(runtime)) return leave(runtime, view)
  if (move === undefined) return accept(instance, runtime, view)
  return move.side === 'out'
    ? followOut(instance, runtime, view, move, event)
    : followIn(instance, runtime, view, move, event)
}

/** Nothing is being moved: what is still told of a move that is over can wait. */
export const isFree = ({ peer: { move } }: InstanceRuntime): boolean =>
  move === undefined || (move.side === 'in' && move.step === 'opened')

const still = (runtime: InstanceRuntime): MoveStep => ({ runtime, actions: [], feeds: [] })

function leave(runtime: InstanceRuntime, view: View): MoveStep {
  const heir = runtime.router.phase.kind === 'master' ? heirOf(view, undefined) : undefined
  return still(heir === undefined ? runtime : offer(runtime, view, heir, { kind: 'stop' }))
}

function followOut(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  move: Out,
  event: EngineEvent,
): MoveStep {
  const heir = view.others.find(({ name }) => name === move.with)
  const theirs = heir?.says?.move
  const answered = theirs?.id === move.id && theirs.with === view.self ? theirs.step : undefined
  const isOver = view.now >= move.until || heir?.life !== 'alive'
  if (runtime.router.phase.kind !== 'master' && !isClosed(move)) return still(withMove(runtime, undefined))
  const { step } = move
  switch (step) {
    case 'offered':
      if (answered === 'prepared') return close(instance, runtime, view, move)
      // Its gate is open still: nobody who cannot take over is worth an interruption.
      if (answered !== 'refused' && !isOver) return still(runtime)
      return move.why.kind === 'preempted' && heir?.says?.ready !== true
        ? still(withMove(runtime, undefined))
        : giveUp(runtime, view, move)
    case 'closing':
      if (event.kind === 'handed-on' && event.instance === instance.name && event.id === move.id) {
        return event.error === undefined ? closed(runtime, view, move) : letGo(runtime, view, move)
      }
      return isOver ? letGo(runtime, view, move) : still(runtime)
    case 'closed':
      if (answered === 'opened' || (heir?.says?.holding === true && heir.life === 'alive')) {
        // It took them: what it asks for later is a new matter.
        const done = { ...runtime, peer: { ...runtime.peer, offeredAt: undefined } }
        return still(withMove(done, { ...move, step: 'lingering', until: plus(view.now, LINGERS_BOUND) }))
      }
      // It does not open: let everybody claim. Priority 0 is said when the addresses are gone.
      if (!isOver) return still(runtime)
      return { runtime: withMove(runtime, undefined), actions: router(instance, UNBIND, RELEASE), feeds: [] }
    case 'lingering':
      if (view.now < move.until) return still(runtime)
      return { runtime: withMove(runtime, undefined), actions: router(instance, UNBIND), feeds: [] }
    default:
      return assertNever(step)
  }
}

const isClosed = ({ step }: Out): boolean => step === 'closed' || step === 'lingering'

function close(instance: InstancePlan, runtime: InstanceRuntime, view: View, move: Out): MoveStep {
  return {
    runtime: withMove(runtime, { ...move, step: 'closing', until: plus(view.now, CLOSING_FOR) }),
    actions: [{ kind: 'hand-on', instance: instance.name, id: move.id, to: move.with }],
    feeds: [],
  }
}

/** Nothing is accepted here any more: the router steps back, and the other one may open. */
function closed(runtime: InstanceRuntime, { now }: View, move: Out): MoveStep {
  const next = withMove(runtime, { ...move, step: 'closed', until: plus(now, CLOSED_FOR) })
  const hold = move.why.kind === 'hold' ? move.why.hold : runtime.hold
  return {
    runtime: { ...next, hold, peer: { ...next.peer, holding: false, heldSince: undefined } },
    actions: [],
    feeds: [{ kind: 'hand-over', now, reason: `${move.with} ${REASONS[move.why.kind]}` }],
  }
}

const REASONS: Readonly<Record<MoveReason['kind'], string>> = {
  hold: 'takes over, as an administrator asked for',
  stop: 'takes over, this engine stops',
  preempted: 'takes over, its priority is higher',
}

/** Let go first, then the other one claims: a hold and a stop do so by themselves. */
function giveUp(runtime: InstanceRuntime, { now }: View, { why, with: other }: Out): MoveStep {
  const after = withMove(runtime, undefined)
  switch (why.kind) {
    case 'hold':
      return still({ ...after, hold: why.hold })
    case 'stop':
      return still(after)
    case 'preempted':
      return {
        runtime: after,
        actions: [],
        feeds: [{ kind: 'lapse', now, reason: `${other} has the higher priority` }],
      }
    default:
      return assertNever(why)
  }
}

/** Its gate has been closed for the other one, and opens by a claim only. */
function letGo(runtime: InstanceRuntime, view: View, move: Out): MoveStep {
  const reason = `${move.with} was to take over, and cannot be handed what comes to this node`
  return { ...giveUp(runtime, view, move), feeds: [{ kind: 'lapse', now: view.now, reason }] }
}

/** An offer to this node. */
function accept(instance: InstancePlan, runtime: InstanceRuntime, view: View): MoveStep {
  const from = offering(view)
  if (from === undefined) return still(runtime)
  const id = from.says?.move?.id ?? 0
  const base = { side: 'in' as const, id, with: from.name, deafUntil: view.now, until: plus(view.now, PREPARED_FOR) }
  const able = view.ready && runtime.router.phase.kind === 'backup'
  if (!able) return still(withMove(runtime, { ...base, step: 'refused' }))
  return {
    runtime: withMove(runtime, { ...base, step: 'admitting' }),
    actions: [{ kind: 'admit', instance: instance.name, id, from: from.name }],
    feeds: [],
  }
}

const offering = (view: View): Other | undefined =>
  alive(view).find(({ says }) => says?.move?.step === 'offer' && says.move.with === view.self)

function followIn(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  move: In,
  event: EngineEvent,
): MoveStep {
  const giver = view.others.find(({ name }) => name === move.with)
  const theirs = giver?.says?.move?.id === move.id ? giver.says.move.step : undefined
  const isOver = view.now >= move.until
  const isWithdrawn = theirs === undefined || giver?.life !== 'alive'
  const { step } = move
  switch (step) {
    case 'admitting':
      if (event.kind === 'admitted' && event.instance === instance.name && event.id === move.id) {
        return still(withMove(runtime, { ...move, step: event.error === undefined ? 'prepared' : 'refused' }))
      }
      return isOver ? undo(instance, runtime) : still(runtime)
    case 'prepared':
      if (theirs === 'closed') return open(runtime, view, move)
      return isOver || isWithdrawn || !view.ready ? undo(instance, runtime) : still(runtime)
    case 'taken':
      if (event.kind === 'opened' && event.instance === instance.name) {
        return still(withMove(runtime, { ...move, step: 'opened', until: plus(view.now, LINGERS) }))
      }
      return still(isOver ? withMove(runtime, undefined) : runtime)
    case 'opened':
    case 'refused':
      return still(isOver || isWithdrawn ? withMove(runtime, undefined) : runtime)
    default:
      return assertNever(step)
  }
}

function open(runtime: InstanceRuntime, { now }: View, move: In): MoveStep {
  const taken: Move = { ...move, step: 'taken', until: plus(now, LINGERS), deafUntil: plus(now, DEAF_FOR) }
  return {
    runtime: withMove(runtime, taken),
    actions: [],
    feeds: [{ kind: 'take', now, reason: `${move.with} hands the addresses over` }],
  }
}

/** The other side does not go on: as before the offer. */
const undo = (instance: InstancePlan, runtime: InstanceRuntime): MoveStep => ({
  runtime: withMove(runtime, undefined),
  actions: router(instance, UNBIND),
  feeds: [],
})

/** An advert that the old holder sent before it closed must not make the new one let go. */
export const isDeafTo = ({ peer: { move } }: InstanceRuntime, node: string | undefined, now: Micros): boolean =>
  move?.side === 'in' && move.with === node && now < move.deafUntil

const UNBIND: RouterAction = { kind: 'unbind' }
const RELEASE: RouterAction = { kind: 'send-advert', priority: 0 }

const router = ({ name }: InstancePlan, ...actions: RouterAction[]): EngineAction[] =>
  actions.map((action) => ({ kind: 'router', instance: name, action }))

const withMove = (runtime: InstanceRuntime, move: Move | undefined): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, move },
})
