import { LAST_RESORT } from '../../src/engine/vrrp/types.ts'
import { micros, plus } from '../../src/shared/units.ts'
import { type Cluster, createCluster, settleLimit } from './cluster.ts'
import { bringUpAll, disturbLan, disturbNode } from './disturb.ts'
import { checkAnswers, checkSettled, checkYields } from './invariants.ts'
import type { History } from './report.ts'

/** Loss, delay, duplication, partitions, crashes; then everything heals at once. */
export function roughHistory(seed: number): History {
  const cluster = createCluster(seed, { jitter: true, preemptDelay: true })
  const { timeline, random, trace, limits, lan } = cluster
  const problems: string[] = []
  bringUpAll(cluster)
  for (let episode = 0; episode < 3; episode++) {
    for (let round = 0; round < 10; round++) {
      timeline.runUntil(plus(timeline.now(), micros(random.between(0, 4 * limits.interval))))
      if (random.chance(0.4)) disturbNode(cluster)
      else disturbLan(cluster)
    }
    cluster.note('lan', 'all is well again')
    lan.heal()
    lan.setWeather(cluster.fair)
    bringUpAll(cluster)
    // What was sent before is on its way for one interval at most.
    const healed = plus(timeline.now(), limits.interval)
    const settled = plus(healed, settleLimit(limits, cluster.config.preemptDelay))
    const end = plus(settled, micros(3 * limits.interval))
    timeline.runUntil(end)
    problems.push(...checkSettled(trace, settled, end), ...checkWinner(cluster))
  }
  const end = timeline.now()
  problems.push(...checkYields(trace, end, limits), ...checkAnswers(trace, end, limits))
  return { cluster, problems }
}

/** Preempting nodes end with a highest priority; others at least not with one that cannot serve while another can. */
function checkWinner({ nodes, config }: Cluster): string[] {
  const highest = Math.max(...nodes.map((node) => node.state().priority))
  const holder = nodes.find((node) => node.bound())
  if (holder === undefined) return []
  const { priority } = holder.state()
  const right = config.preempt ? priority === highest : priority > LAST_RESORT || highest === LAST_RESORT
  return right ? [] : [`${holder.name} holds with priority ${priority}, though ${highest} is there`]
}
