import { fromMillis, type Micros, plus } from '../../shared/units.ts'
import { candidatesOf } from './candidates.ts'
import { describeCandidates } from './candidates-text.ts'
import type { EngineAction, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/**
 * Whether another node could take over from the one that holds: told by the holder, once as it ends and once as it is back.
 * PURE. Where only adverts tell of another node nothing is known, and nothing is said.
 */
export type Redundancy = {
  /** No other node could take over. */
  readonly lost: boolean
  /** The same as it was last told. */
  readonly told: boolean
  /** When that has to be told; undefined: it has been. */
  readonly dueAt: Micros | undefined
}

/** An engine that is started again at once, and a report that was lost, are no news. */
export const TOLD_AFTER = fromMillis(750)

export const fullRedundancy: Redundancy = { lost: false, told: false, dueAt: undefined }

export function followRedundancy(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  now: Micros,
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  if (state.stopping || state.leaving) return { runtime, actions: [] }
  const holds = runtime.router.phase.kind === 'master'
  const seen = noted(runtime.redundancy, holds && runtime.peer.unbacked, now)
  // Who holds no more has nothing to lose: whoever holds now tells of it.
  const isDue = seen.dueAt !== undefined && (!holds || now >= seen.dueAt)
  if (!isDue) return { runtime: withRedundancy(runtime, seen), actions: [] }
  const telling = withRedundancy(runtime, { ...seen, told: seen.lost, dueAt: undefined })
  const line = seen.lost ? lost(plan, instance, runtime, state, now) : back(plan, instance, runtime, state, holds, now)
  return { runtime: telling, actions: [{ kind: 'log', record: { ...line, subject: instance.name } }] }
}

const noted = (before: Redundancy, lost: boolean, now: Micros): Redundancy =>
  before.lost === lost ? before : { ...before, lost, dueAt: lost === before.told ? undefined : plus(now, TOLD_AFTER) }

const withRedundancy = (runtime: InstanceRuntime, redundancy: Redundancy): InstanceRuntime =>
  runtime.redundancy === redundancy ? runtime : { ...runtime, redundancy }

function lost(plan: NodePlan, instance: InstancePlan, runtime: InstanceRuntime, state: EngineState, now: Micros) {
  const others = candidatesOf(plan, instance, runtime, state, now)
  const remedies = [...new Set(others.flatMap(({ remedy }) => remedy ?? []))]
  const advice = remedies.length === 0 ? '' : `; ${remedies.join('; ')}`
  const message = `if this node fails now, nobody serves: ${describeCandidates(others)}${advice}`
  return { level: 'warn', code: 'redundancy.lost', message } as const
}

function back(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  holds: boolean,
  now: Micros,
) {
  const able = candidatesOf(plan, instance, runtime, state, now).filter(({ readiness }) => readiness !== 'unable')
  const message = holds
    ? `${able.map(({ node }) => node).join(' or ')} could take over again`
    : 'this node is no longer the holder: the one that is tells whether another node could take over'
  return { level: 'info', code: 'redundancy.back', message } as const
}
