import { fromSeconds, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { holdOf } from './hold.ts'
import { accept, followIn } from './peer-move-in.ts'
import { followOut, offered } from './peer-move-out.ts'
import { type MoveStep, still, withMove } from './peer-move-step.ts'
import type { MoveReason } from './peer-types.ts'
import { alive, isOffLan, type Other, type View } from './peer-view.ts'
import type { EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

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

/** A stop is given six seconds in all. */
const QUEUED_FOR = fromSeconds(4)

/**
 * The node that a master hands over to: the one that is asked for, or the best one. Nodes in standby take part in the choice
 * only when they are asked for, or when this node does not stay in any case.
 */
export function targetOf(view: View, to: string | undefined, isUrgent = false): Other | undefined {
  const able = alive(view).filter(
    (other) =>
      (to === undefined || other.name === to) &&
      (isUrgent || !isOffLan(other, view.now)) &&
      (other.rank.readiness === 'serves' || (other.rank.readiness === 'standby' && (isUrgent || to !== undefined))),
  )
  return able.toSorted((a, b) => compareRank(b.rank, a.rank))[0]
}

export function offer(runtime: InstanceRuntime, view: View, target: Other, why: MoveReason): InstanceRuntime {
  const { now } = view
  const base = { side: 'out' as const, id: now, with: target.name, why }
  return withMove(runtime, offered({ ...base, step: 'queued', until: plus(now, QUEUED_FOR) }, view))
}

/** An administrator's hand-over begins as an offer where there is somebody to take it; undefined: there is nobody. */
export function offerHold(
  runtime: InstanceRuntime,
  view: View,
  event: Extract<EngineEvent, { kind: 'hold' }>,
): InstanceRuntime | undefined {
  const { to, force = false } = event
  if (runtime.router.phase.kind !== 'master' || !isFree(runtime)) return undefined
  const target = targetOf(view, to, force)
  const hold = holdOf({ ...event, now: view.now })
  return target === undefined ? undefined : offer(runtime, view, target, { kind: 'hold', hold, force })
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

function leave(runtime: InstanceRuntime, view: View): MoveStep {
  const target = runtime.router.phase.kind === 'master' ? targetOf(view, undefined, true) : undefined
  return still(target === undefined ? runtime : offer(runtime, view, target, { kind: 'stop' }))
}
