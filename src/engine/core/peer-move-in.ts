import { assertNever } from '../../shared/errors.ts'
import { fromMillis, type Micros, plus } from '../../shared/units.ts'
import { type MoveStep, router, still, UNBIND, withMove } from './peer-move-step.ts'
import type { Move } from './peer-types.ts'
import { alive, type Other, type View } from './peer-view.ts'
import type { EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/** The new holder's side of a planned move; see peer-move.ts. PURE. */

const PREPARED_FOR = fromMillis(1_000)
const LINGERS = fromMillis(2_000)
/** An advert that the old holder sent before it closed is on its way for no longer. */
const DEAF_FOR = fromMillis(150)

type In = Extract<Move, { side: 'in' }>

/** An offer to this node. */
export function accept(instance: InstancePlan, runtime: InstanceRuntime, view: View): MoveStep {
  const from = offering(view)
  if (from === undefined) return still(runtime)
  const id = from.says?.move?.id ?? 0
  const base = { side: 'in' as const, id, with: from.name, deafUntil: view.now, until: plus(view.now, PREPARED_FOR) }
  const able = view.rank.readiness !== 'unable' && runtime.router.phase.kind === 'backup'
  if (!able) return still(withMove(runtime, { ...base, step: 'refused' }))
  return {
    runtime: withMove(runtime, { ...base, step: 'admitting' }),
    actions: [{ kind: 'admit', instance: instance.name, id, from: from.name }],
    feeds: [],
  }
}

const offering = (view: View): Other | undefined =>
  alive(view).find(({ says }) => says?.move?.step === 'offer' && says.move.with === view.self)

export function followIn(
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
      return isOver || isWithdrawn || view.rank.readiness === 'unable' ? undo(instance, runtime) : still(runtime)
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
