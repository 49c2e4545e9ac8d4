import type { ControlFailure } from '../control/parse.ts'
import type { Micros } from '../shared/units.ts'
import { heirOf } from './core/peer-move.ts'
import { viewOf } from './core/peer-view.ts'
import type { EngineState, InstancePlan, NodePlan } from './core/types.ts'

/** PURE: why the addresses cannot be handed to the node that an administrator has named; undefined: nothing is known. */
export function refuseHeir(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  to: string,
  now: Micros,
): ControlFailure | undefined {
  return refuseNode(plan, to) ?? refuseOutranked(plan, state, targets, to, now)
}

function refuseNode({ node, nodeNames, instances, channel }: NodePlan, to: string): ControlFailure | undefined {
  const others = [...nodeNames.values()].filter((name) => name !== node)
  const heirs = channel?.peers ?? []
  const choice = `use one of: ${(heirs.length > 0 ? heirs : others).join(', ')}`
  if (to === node) return failure('node.this', `${to} is this node: it has nothing to hand over to itself`, choice)
  if (!others.includes(to)) return failure('node.unknown', `there is no node "${to}"`, choice)
  const kind = instances[0]?.peers.find(({ name }) => name === to)?.kind
  if (kind !== undefined && kind !== 'haup') {
    const message = `${to} runs ${kind}: it cannot be asked to take over, the node of the highest priority does`
    return failure('node.foreign', message, 'leave --to out')
  }
  if (heirs.includes(to)) return undefined
  const message = 'without the peer channel nobody can be asked: the node of the highest priority takes over'
  return failure('peer.none', message, 'leave --to out, or add "peer:" to haup.yaml on all nodes')
}

/** A better node that could serve, too, would take the addresses from the named one at once. */
function refuseOutranked(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  to: string,
  now: Micros,
): ControlFailure | undefined {
  for (const instance of targets) {
    const runtime = state.instances.get(instance.name)
    const view = runtime && viewOf(plan, instance, runtime, state, now)
    const heir = view && heirOf(view, to)
    const better = view && heirOf(view, undefined)
    if (!instance.router.preempt || heir === undefined || better === undefined || better.name === to) continue
    const message = `${better.name} would take ${instance.name} from ${to} at once: its priority is higher (${better.rank.priority}, ${to} has ${heir.rank.priority})`
    return failure('node.outranked', message, `\`haup standby\` on ${better.name} first, or leave --to out`)
  }
  return undefined
}

const failure = (code: string, message: string, next: string): ControlFailure => ({
  ok: false,
  code,
  message,
  next_steps: [next],
})
