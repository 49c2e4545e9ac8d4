import { readFileSync } from 'node:fs'

/** What processes have used until now. */
export type Usage = { readonly at: number; readonly cpuSeconds: number; readonly residentMb: number }

/** Fields 14 and 15 of /proc/PID/stat (clock ticks of 10 ms) and VmRSS, of all together; see proc(5). */
export function usage(pids: readonly number[]): Usage {
  let ticks = 0
  let kilobytes = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  }
  return { at: performance.now(), cpuSeconds: ticks / 100, residentMb: kilobytes / 1_024 }
}

/** Of one core, between the two. */
export function percent(from: Usage, to: Usage): number {
  return (100 * (to.cpuSeconds - from.cpuSeconds)) / ((to.at - from.at) / 1_000)
}
