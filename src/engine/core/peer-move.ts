import { fromMillis, plus } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { accept, followIn } from './peer-move-in.ts'
import { followOut } from './peer-move-out.ts'
import { type MoveStep, still, withMove } from './peer-move-step.ts'
import type { Move, MoveReason } from './peer-types.ts'
import { alive, type Other, type View } from './peer-view.ts'
import type { EngineEvent, Hold, InstancePlan, InstanceRuntime } from './types.ts'

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

function leave(runtime: InstanceRuntime, view: View): MoveStep {
  const heir = runtime.router.phase.kind === 'master' ? heirOf(view, undefined) : undefined
  return still(heir === undefined ? runtime : offer(runtime, view, heir, { kind: 'stop' }))
}
