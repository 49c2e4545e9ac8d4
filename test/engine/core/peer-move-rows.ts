import { followMove } from '../../../src/engine/core/peer-move.ts'
import type { Move } from '../../../src/engine/core/peer-types.ts'
import type { EngineAction, EngineEvent } from '../../../src/engine/core/types.ts'
import type { PeerMove } from '../../../src/engine/peer/types.ts'
import { type Micros, minus, toMillis } from '../../../src/shared/units.ts'
import { ms, NOW, type Sight, see } from './views.ts'

/** Rows for tests of planned moves: what one side sees, and what it does next. */

export type Body = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, 'now'> : never) : never
export const TIMER: Body = { kind: 'timer' }
type MoveState = Move['step']

const wordOf = (action: EngineAction): string => {
  if (action.kind !== 'router') return action.kind
  return action.action.kind === 'send-advert' ? `advert ${action.action.priority}` : action.action.kind
}

export function follow(sight: Sight, event: Body = TIMER) {
  const { instance, runtime, view } = see(sight)
  const step = followMove(instance, runtime, view, { ...event, now: NOW } as EngineEvent)
  const { move } = step.runtime.peer
  const left = move === undefined ? 'none' : `${move.step} ${toMillis(minus(move.until, NOW))}`
  return {
    /** The step, and for how much longer in milliseconds; then what is done. */
    words: [left, ...step.actions.map(wordOf), ...step.feeds.map(({ kind }) => kind)].join(', '),
    reasons: step.feeds.map((fed) => ('reason' in fed ? fed.reason : '')),
    actions: step.actions,
    move,
    runtime: step.runtime,
    unchanged: step.runtime === runtime,
  }
}

/** A move that this node gives to web3. */
export const out = (step: MoveState, changes: { readonly until?: Micros; readonly why?: unknown } = {}): Move =>
  ({ side: 'out', id: 5, with: 'web3', step, why: { kind: 'stop' }, until: ms(100), ...changes }) as Move
/** A move that this node gets from web1. */
export const into = (step: MoveState, changes: { readonly until?: Micros } = {}): Move =>
  ({ side: 'in', id: 5, with: 'web1', step, until: ms(100), deafUntil: ms(-50), ...changes }) as Move

export const theirs = (step: PeerMove['step'], changes: Partial<PeerMove> = {}): { readonly move: PeerMove } => ({
  move: { id: 5, with: 'web2', step, ...changes },
})
