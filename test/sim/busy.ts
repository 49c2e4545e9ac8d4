import { micros, plus } from '../../src/shared/units.ts'
import { createCluster, overlapLimitWithJitter, settleLimit } from './cluster.ts'
import { bringUpAll, disturbNode } from './disturb.ts'
import { checkAnswers, checkOverlaps, checkSettled, checkYields } from './invariants.ts'
import type { History } from './report.ts'

/** No packet is lost, but they overtake each other and arrive twice, and disturbances come thick and fast. */
export function busyHistory(seed: number): History {
  const cluster = createCluster(seed, { jitter: true, preemptDelay: true })
  const { timeline, random, trace, limits } = cluster
  bringUpAll(cluster)
  for (let round = 0; round < 25; round++) {
    timeline.runUntil(plus(timeline.now(), micros(random.between(0, 3 * limits.interval))))
    disturbNode(cluster)
  }
  bringUpAll(cluster)
  const settled = plus(timeline.now(), settleLimit(limits, cluster.config.preemptDelay))
  const end = plus(settled, micros(3 * limits.interval))
  timeline.runUntil(end)
  return {
    cluster,
    problems: [
      ...checkOverlaps(trace, end, overlapLimitWithJitter(limits)),
      ...checkYields(trace, end, limits),
      ...checkAnswers(trace, end, limits),
      ...checkSettled(trace, settled, end),
    ],
  }
}
