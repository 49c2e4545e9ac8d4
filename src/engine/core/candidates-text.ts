import type { Warning } from '../../control/messages.ts'
import { groupByText, listed } from '../../shared/listing.ts'
import type { Micros } from '../../shared/units.ts'
import { type Candidate, isNobodyLeft, standingOf } from './candidates.ts'
import type { EngineState, NodePlan } from './types.ts'

/** What `status` has to say when nobody would take over. PURE. */

/** Instances of which the same is to be said are named together. */
export function takeoverWarnings(plan: NodePlan, state: EngineState, now: Micros): readonly Warning[] {
  const said = plan.instances.flatMap((instance): readonly (readonly [string, string])[] => {
    const runtime = state.instances.get(instance.name)
    if (runtime === undefined || instance.peers.length === 0) return []
    const { holder, candidates } = standingOf(plan, instance, runtime, state, now)
    if (!isNobodyLeft(candidates)) return []
    const first = holder === undefined ? 'nobody serves, and nobody could' : `nobody would take over from ${holder}`
    return [[instance.name, `${first}: ${describeCandidates(candidates)}`]]
  })
  return groupByText(said).map(([names, text]) => ({ code: 'takeover.nobody', message: `${listed(names)}: ${text}` }))
}

export const describeCandidates = (candidates: readonly Candidate[]): string =>
  candidates.map(({ node, why }) => `${node} cannot (${why})`).join(', ')
