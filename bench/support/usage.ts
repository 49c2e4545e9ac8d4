import { readdirSync, readFileSync } from 'node:fs'

/** What processes have used until now. */
export type Usage = { readonly at: number; readonly cpuSeconds: number; readonly residentMb: number }

/**
 * Time on a processor of all their threads (/proc/PID/task/TID/schedstat, nanoseconds: the clock ticks of /proc/PID/stat
 * are sampled, and too coarse for what is idle) and VmRSS, of all together; see proc(5).
 */
export function usage(pids: readonly number[]): Usage {
  let nanoseconds = 0
  let kilobytes = 0
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    }
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  }
  return { at: performance.now(), cpuSeconds: nanoseconds / 1e9, residentMb: kilobytes / 1_024 }
}

/** Of one core, between the two. */
export function percent(from: Usage, to: Usage): number {
  return (100 * (to.cpuSeconds - from.cpuSeconds)) / ((to.at - from.at) / 1_000)
}
