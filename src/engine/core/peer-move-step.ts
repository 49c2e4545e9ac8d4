import type { RouterAction, RouterEvent } from '../vrrp/types.ts'
import type { Move } from './peer-types.ts'
import type { EngineAction, InstancePlan, InstanceRuntime } from './types.ts'

/** What both sides of a planned move are made of; see peer-move.ts. PURE. */

export type MoveStep = {
  readonly runtime: InstanceRuntime
  readonly actions: readonly EngineAction[]
  readonly feeds: readonly RouterEvent[]
}

export const still = (runtime: InstanceRuntime): MoveStep => ({ runtime, actions: [], feeds: [] })

export const UNBIND: RouterAction = { kind: 'unbind' }

export const router = ({ name }: InstancePlan, ...actions: RouterAction[]): EngineAction[] =>
  actions.map((action) => ({ kind: 'router', instance: name, action }))

export const withMove = (runtime: InstanceRuntime, move: Move | undefined): InstanceRuntime => ({
  ...runtime,
  peer: { ...runtime.peer, move },
})
