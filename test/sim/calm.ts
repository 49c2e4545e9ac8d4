import { masterDownInterval, skew } from '../../src/engine/vrrp/timing.ts'
import { LAST_RESORT, OWNER } from '../../src/engine/vrrp/types.ts'
import { type Micros, micros, plus, ZERO } from '../../src/shared/units.ts'
import {
  type Cluster,
  claimLimit,
  createCluster,
  overlapLimit,
  overlapLimitWithJitter,
  settleLimit,
} from './cluster.ts'
import {
  checkAnswers,
  checkCleanHandOver,
  checkNoPreemption,
  checkOverlaps,
  checkSettled,
  checkTakeOver,
  checkYields,
} from './invariants.ts'
import type { SimNode } from './node.ts'
import type { History } from './report.ts'

/** No packet is lost or overtaken, and every disturbance has settled before the next one comes. */
export function calmHistory(seed: number): History {
  const cluster = createCluster(seed, { jitter: false, preemptDelay: false })
  const { timeline, trace, limits } = cluster
  const problems: string[] = []
  for (const node of cluster.nodes) node.start()
  settle(cluster, problems)
  for (let round = 0; round < 6; round++) {
    const at = timeline.now()
    const disturbed = disturb(cluster)
    settle(cluster, problems)
    if (disturbed.takeOver !== undefined) {
      problems.push(...checkTakeOver(trace, disturbed.node, at, timeline.now(), disturbed.takeOver))
      problems.push(...checkCleanHandOver(trace, disturbed.node, at, timeline.now()))
    }
  }
  const end = timeline.now()
  // Whoever starts waits by its own interval (RFC 9568 6.4.1), and may claim between two adverts of a slower master.
  const isUneven = new Set(cluster.nodes.map((node) => node.options.config.advertInterval)).size > 1
  problems.push(...checkOverlaps(trace, end, isUneven ? overlapLimitWithJitter(limits) : overlapLimit(limits)))
  problems.push(...checkYields(trace, end, limits), ...checkAnswers(trace, end, limits))
  const owners = cluster.nodes.filter((node) => node.options.priority === OWNER).map((node) => node.name)
  if (!cluster.config.preempt) problems.push(...checkNoPreemption(trace, owners))
  return { cluster, problems }
}

/** Lets the bound for settling pass, and then some time in which nothing may change. */
function settle({ timeline, trace, limits, nodes, random }: Cluster, problems: string[]): void {
  const settled = plus(timeline.now(), settleLimit(limits, ZERO))
  const end = plus(settled, micros(random.between(0, 3 * limits.interval)))
  timeline.runUntil(end)
  if (nodes.some((node) => node.running())) problems.push(...checkSettled(trace, settled, end))
}

/** Something happens to one node; when it held the address and another one can take over, with the limit for that. */
function disturb(cluster: Cluster): { node: string; takeOver: Micros | undefined } {
  const { random, nodes, limits } = cluster
  const node = random.pick(nodes)
  if (!node.running()) {
    cluster.note(node.name, 'start')
    node.start()
    return { node: node.name, takeOver: undefined }
  }
  const others = nodes.filter((other) => other !== node && other.running())
  const held = node.bound() && others.length > 0
  const what = random.pick(['crash', 'stop', 'resign', 'priority'])
  cluster.note(node.name, what)
  act(cluster, node, what)
  if (!held || what === 'priority') return { node: node.name, takeOver: undefined }
  const waits = others.map((other) => wait(cluster, other, what))
  // When no other node can serve either, the address stays with the one that resigned.
  if (what === 'resign' && others.every((other) => other.state().priority === LAST_RESORT)) {
    return { node: node.name, takeOver: undefined }
  }
  return { node: node.name, takeOver: claimLimit(micros(Math.min(...waits)), limits) }
}

/** How long a backup waits after a crash, or after a priority 0: LAST_RESORT leaves the claim to whoever released. */
function wait({ limits: { interval } }: Cluster, node: SimNode, what: string): Micros {
  const { priority } = node.state()
  const { version } = node.options.config
  if (what === 'crash') return masterDownInterval(version, priority, interval)
  if (priority !== LAST_RESORT) return skew(version, priority, interval)
  return plus(masterDownInterval(version, priority, interval), interval)
}

function act({ random }: Cluster, node: SimNode, what: string): void {
  if (what === 'crash') node.crash()
  else if (what === 'stop') node.stop()
  else if (what === 'resign') node.resign(LAST_RESORT)
  else node.reprioritize(random.pick([LAST_RESORT, 50, 100, 200, node.options.priority]))
}
