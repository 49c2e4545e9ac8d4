import type { ControlFailure } from '../control/parse.ts'
import type { EngineState, InstancePlan, NodePlan } from './core/types.ts'

/** PURE: why the addresses cannot be handed to the node that an administrator has named; undefined: nothing is known. */
export function refuseHeir(
  plan: NodePlan,
  state: EngineState,
  targets: readonly InstancePlan[],
  to: string,
): ControlFailure | undefined {
  return refuseNode(plan, to) ?? refuseOutranked(state, targets, to)
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
  { peers }: EngineState,
  targets: readonly InstancePlan[],
  to: string,
): ControlFailure | undefined {
  for (const { name, router } of targets) {
    const ready = [...peers.values()].flatMap(({ node, report }) => {
      const says = report?.instances.find((each) => each.name === name)
      return says?.ready === true ? [{ node, priority: says.priority }] : []
    })
    const heir = ready.find(({ node }) => node === to)
    const better = ready.find(({ priority }) => heir !== undefined && priority > heir.priority)
    if (!router.preempt || heir === undefined || better === undefined) continue
    const message = `${better.node} would take ${name} from ${to} at once: its priority is higher (${better.priority}, ${to} has ${heir.priority})`
    return failure('node.outranked', message, `\`haup standby\` on ${better.node} first, or leave --to out`)
  }
  return undefined
}

const failure = (code: string, message: string, next: string): ControlFailure => ({
  ok: false,
  code,
  message,
  next_steps: [next],
})
