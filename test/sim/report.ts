import assert from 'node:assert/strict'
import type { Cluster } from './cluster.ts'
import { transcript } from './trace.ts'

/** Runs histories with consecutive seeds; the first one with a problem is shown with its seed and transcript. */
export function runSeeds(
  first: number,
  count: number,
  run: (seed: number) => { cluster: Cluster; problems: string[] },
): void {
  for (let seed = first; seed < first + count; seed++) {
    const { cluster, problems } = run(seed)
    if (problems.length > 0)
      assert.fail(`seed ${seed}\n${problems.join('\n')}\n\n${describe(cluster)}\n${transcript(cluster.trace)}`)
  }
}

function describe({ nodes, config }: Cluster): string {
  const mode = `VRRPv${config.version}, ${config.preempt ? `preempt, delay ${config.preemptDelay} us` : 'nopreempt'}`
  const list = nodes.map(
    ({ name, options }) =>
      `${name} ${options.config.source} priority ${options.priority}, ${options.config.advertInterval} us`,
  )
  return `${mode}\n${list.join('\n')}\n`
}
