import { exitCodeOf } from '../../../src/cli/services/status.ts'
import type { InstanceStatus, Status } from '../../../src/control/messages.ts'
import type { Box } from '../peers/box.ts'
import type { World } from '../peers/world.ts'
import { isReached } from './scene.ts'

/** What `haup status` says on each node, held against what is so. */

/** While anything lasts: what a node knows of itself. */
export function contradictions(world: World): readonly string[] {
  return world.boxes.flatMap((box) => {
    const status = box.status()
    if (status === undefined || box.isFrozen()) return []
    return status.instances.flatMap((shown) => ofItself(box, status, shown).map((text) => `${box.name}: ${text}`))
  })
}

function ofItself(box: Box, { warnings, node }: Status, shown: InstanceStatus): readonly string[] {
  const phase = box.state().instances.get(shown.name)?.router.phase.kind
  const isMaster = shown.state === 'MASTER'
  const saysClosed = warnings.some(
    ({ code, message }) => code === 'gate.closed' && message.startsWith(`${shown.name}:`),
  )
  return [
    ...(isMaster === (phase === 'master') ? [] : [`shows ${shown.state} while its router is ${phase}`]),
    ...(isMaster === (shown.holder === node) ? [] : [`shows ${shown.state} and that ${shown.holder} holds`]),
    ...(saysClosed === (shown.gate === 'closed') ? [] : [`a gate that is ${shown.gate} and warned of: ${saysClosed}`]),
    ...(shown.gate !== null && !isMaster ? [`a gate that is ${shown.gate} in ${shown.state}`] : []),
    // Its kernel closes by the same deadline that the core knows; what was ordered is on its way for a moment.
    ...(shown.gate === 'closed' && box.accepts(shown.name) ? ['a closed gate, and the kernel answers'] : []),
    ...(shown.state === 'FAULT' && shown.faults.length === 0 ? ['FAULT without a fault'] : []),
    ...(shown.reason === '' ? ['no reason'] : []),
    ...(shown.candidates.some((each) => (each.readiness === 'serves') !== (each.why === ''))
      ? ['a candidate that serves with a reason not to, or the reverse']
      : []),
  ]
}

/** What was a moment ago is told of for ten seconds more. */
const LOOKS_BACK = 'engine.behind'

/** When all is well again: every node says who holds, that the others could take over, and nothing else. */
export function alarms(world: World): readonly string[] {
  return world.boxes.flatMap((box) => {
    const status = box.status()
    if (status === undefined || !isReached(box)) return [`${box.name}: no status`]
    const code = exitCodeOf(status)
    const wrong = status.instances.flatMap((shown) => {
      const holders = world.accepting(shown.name)
      return shown.holder === holders[0] ? [] : [`says that ${shown.holder} holds ${shown.name}, it is ${holders}`]
    })
    return [
      ...wrong,
      ...(code === 0
        ? []
        : [`exit code ${code}: ${JSON.stringify(status.instances.map(({ candidates }) => candidates))}`]),
      ...status.warnings.filter(({ code }) => code !== LOOKS_BACK).map(({ message }) => `warns: ${message}`),
    ].map((text) => `${box.name}: ${text}`)
  })
}
