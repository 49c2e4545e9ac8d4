import assert from 'node:assert/strict'
import type { Cluster } from './cluster.ts'
import { transcript } from './trace.ts'

/** A history and what was wrong in it. */
export type History = { readonly cluster: Cluster; readonly problems: readonly string[] }

/** Runs histories with consecutive seeds; the first one with a problem is shown with its seed and transcript. */
export function runSeeds(first: number, count: number, run: (seed: number) => History): void {
  for (let seed = first; seed < first + count; seed++) {
    const told = tell(seed, run(seed))
    if (told !== undefined) assert.fail(told)
  }
}

/** What was wrong, with all that is needed to understand it; undefined when nothing was. */
export function tell(seed: number, { cluster, problems }: History): string | undefined {
  if (problems.length === 0) return undefined
  return `seed ${seed}\n${problems.join('\n')}\n\n${describe(cluster)}\n${transcript(cluster.trace)}`
}

function describe({ nodes, config }: Cluster): string {
  const mode = `VRRPv${config.version}, ${config.preempt ? `preempt, delay ${config.preemptDelay} us` : 'nopreempt'}`
  const list = nodes.map(
    ({ name, options }) =>
      `${name} ${options.config.source} priority ${options.priority}, ${options.config.advertInterval} us`,
  )
  return `${mode}\n${list.join('\n')}\n`
}
