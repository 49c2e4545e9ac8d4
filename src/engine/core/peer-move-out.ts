import { assertNever } from '../../shared/errors.ts'
import { fromMillis, plus } from '../../shared/units.ts'
import type { RouterAction } from '../vrrp/types.ts'
import { type MoveStep, router, still, UNBIND, withMove } from './peer-move-step.ts'
import { logDeclined } from './peer-text.ts'
import type { Move, MoveReason } from './peer-types.ts'
import type { View } from './peer-view.ts'
import type { EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/** The old holder's side of a planned move; see peer-move.ts. PURE. */

const OFFERED_FOR = fromMillis(500)
const CLOSING_FOR = fromMillis(500)
const CLOSED_FOR = fromMillis(400)
/** Answers that are on their way to clients which still know this box go out before the address goes. */
const LINGERS_BOUND = fromMillis(150)

type Out = Extract<Move, { side: 'out' }>

/** When its turn has come. */
export const offered = (move: Out, { now, mayHandOver }: View): Out =>
  mayHandOver ? { ...move, step: 'offered', until: plus(now, OFFERED_FOR) } : move

export function followOut(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  view: View,
  move: Out,
  event: EngineEvent,
): MoveStep {
  const target = view.others.find(({ name }) => name === move.with)
  const theirs = target?.says?.move
  const answered = theirs?.id === move.id && theirs.with === view.self ? theirs.step : undefined
  const isOver = view.now >= move.until || target?.life !== 'alive'
  if (runtime.router.phase.kind !== 'master' && !isClosed(move)) return still(withMove(runtime, undefined))
  const { step } = move
  switch (step) {
    case 'queued': {
      const next = offered(move, view)
      if (next !== move && target?.life === 'alive') return still(withMove(runtime, next))
      return isOver ? declined(instance, runtime, view, move, false) : still(runtime)
    }
    case 'offered':
      if (answered === 'prepared') return close(instance, runtime, view, move)
      // Its gate is open still: nobody who cannot take over is worth an interruption.
      if (answered !== 'refused' && !isOver) return still(runtime)
      return declined(instance, runtime, view, move, answered === 'refused')
    case 'closing':
      if (event.kind === 'handed-on' && event.instance === instance.name && event.id === move.id) {
        return event.error === undefined ? closed(runtime, view, move) : letGo(runtime, view, move)
      }
      return isOver ? letGo(runtime, view, move) : still(runtime)
    case 'closed':
      if (answered === 'opened' || (target?.says?.holding === true && target.life === 'alive')) {
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

/** Whether this node lets go all the same, or goes on as if nobody had been asked. */
function declined(instance: InstancePlan, runtime: InstanceRuntime, view: View, move: Out, refused: boolean): MoveStep {
  const { why, with: other } = move
  const target = view.others.find(({ name }) => name === other)
  switch (why.kind) {
    case 'preempted':
      // Asked for, and not answered or not taken: the one that could not take it part way is handed nothing by letting go.
      return !refused || target === undefined || target.rank.readiness === 'unable'
        ? still(withMove(runtime, undefined))
        : giveUp(runtime, view, move)
    case 'hold':
      // A router that is not asked by the channel may claim.
      if (why.force || !view.allHaup) return giveUp(runtime, view, move)
      return { ...still(withMove(runtime, undefined)), actions: [logDeclined(instance, other, refused)] }
    case 'stop':
      return giveUp(runtime, view, move)
    default:
      return assertNever(why)
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
  const reason = `handing over to ${move.with} failed: what comes to this node cannot be passed on to it`
  return { ...giveUp(runtime, view, move), feeds: [{ kind: 'lapse', now: view.now, reason }] }
}

const RELEASE: RouterAction = { kind: 'send-advert', priority: 0 }
