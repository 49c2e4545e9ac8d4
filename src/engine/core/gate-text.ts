import type { InstanceStatus, Warning } from '../../control/messages.ts'
import type { Micros } from '../../shared/units.ts'
import { isOpen } from './gate-policy.ts'
import { isFree } from './peer-move.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/** The gate as `status` shows it. PURE. */

/** Null: this node does not hold the addresses, or they are being bound or handed over, and closed for that. */
export function gateStatus(
  { gate: plan }: InstancePlan,
  runtime: InstanceRuntime,
  { fenced }: EngineState,
  now: Micros,
): InstanceStatus['gate'] {
  const { router, gate } = runtime
  if (router.phase.kind !== 'master' || !isFree(runtime)) return null
  if (plan.kind !== 'on' || !fenced) return 'off'
  if (isOpen(gate, plan.lease, now)) return 'open'
  return gate.wanted ? 'closed' : null
}

export const gateWarnings = (plan: NodePlan, state: EngineState, now: Micros): readonly Warning[] =>
  plan.instances.flatMap((instance) => {
    const runtime = state.instances.get(instance.name)
    if (runtime === undefined || gateStatus(instance, runtime, state, now) !== 'closed') return []
    const message = `${instance.name}: this node holds the addresses and serves nobody: ${whyClosed(runtime)}`
    return [{ code: 'gate.closed', message }]
  })

const whyClosed = ({ gate: { failing, limited } }: InstanceRuntime): string =>
  failing !== undefined
    ? `the kernel does not open the gate: ${failing}`
    : `the gate is closed: ${limited ?? 'no advert could be sent for too long'}`
