import type { Warning } from '../../control/messages.ts'
import type { Micros } from '../../shared/units.ts'
import { compareRank } from '../peer/life.ts'
import { ALLOW } from './peer-text.ts'
import { alive, viewOf } from './peer-view.ts'
import type { EngineState, InstancePlan, NodePlan } from './types.ts'

/** What `status` has to say about this node as other nodes see it. PURE. */
export function peerWarnings(plan: NodePlan, state: EngineState, now: Micros): readonly Warning[] {
  return plan.instances.flatMap((instance) => {
    const deaf = unheardBy(plan, instance, state, now)
    if (deaf.length === 0) return []
    const message = `${instance.name}: the adverts of this node do not reach ${deaf.join(' and ')}, which knows by the peer channel alone that it holds: ${ALLOW}`
    return [{ code: 'peer.adverts-unheard', message }]
  })
}

/** Backups of a lower right that would claim if the channel did not tell them of this holder. */
function unheardBy(plan: NodePlan, instance: InstancePlan, state: EngineState, now: Micros): readonly string[] {
  const runtime = state.instances.get(instance.name)
  if (runtime?.router.phase.kind !== 'master') return []
  const view = viewOf(plan, instance, runtime, state, now)
  if (view === undefined) return []
  return alive(view)
    .filter(
      ({ says, rank }) => says?.state === 'BACKUP' && says.claim !== undefined && compareRank(rank, view.rank) < 0,
    )
    .map(({ name }) => name)
}
