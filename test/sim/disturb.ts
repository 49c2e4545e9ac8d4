import { LAST_RESORT } from '../../src/engine/vrrp/types.ts'
import { fromMillis } from '../../src/shared/units.ts'
import type { Cluster } from './cluster.ts'

/** Something happens to one node, or it comes back. */
export function disturbNode(cluster: Cluster): void {
  const { random, nodes } = cluster
  const node = random.pick(nodes)
  const own = node.options.priority
  if (!node.running()) {
    cluster.note(node.name, 'start')
    node.start()
    return
  }
  const what = random.pick(['crash', 'stop', 'resign', 'priority', 'priority', 'restore'])
  const priority = what === 'restore' ? own : random.pick([LAST_RESORT, 40, 99, 100, 101, 200])
  cluster.note(node.name, what === 'priority' || what === 'restore' ? `priority ${priority}` : what)
  if (what === 'crash') node.crash()
  else if (what === 'stop') node.stop()
  else if (what === 'resign') node.resign(LAST_RESORT)
  else node.reprioritize(priority)
}

/** Something happens to the LAN: loss, delay, a partition into two groups, or all is well again. */
export function disturbLan({ lan, random, nodes, fair, note, limits }: Cluster): void {
  const what = random.pick(['loss', 'blackout', 'slow', 'partition', 'fair', 'heal'])
  note('lan', what)
  if (what === 'loss') lan.setWeather({ ...fair, loss: random.next(), duplicate: random.next() / 2 })
  else if (what === 'blackout') lan.setWeather({ ...fair, loss: 1 })
  else if (what === 'slow') lan.setWeather({ ...fair, delay: [fromMillis(0), limits.interval] })
  else if (what === 'fair') lan.setWeather(fair)
  else if (what === 'heal') lan.heal()
  else {
    const names = nodes.map((node) => node.name)
    const left = names.filter(() => random.chance(0.5))
    lan.partition([left, names.filter((name) => !left.includes(name))])
  }
}

export function bringUpAll({ nodes, note }: Cluster): void {
  for (const node of nodes) {
    if (node.running()) continue
    note(node.name, 'start')
    node.start()
  }
}
