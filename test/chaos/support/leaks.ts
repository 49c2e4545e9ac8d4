import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds at a quiet moment. */
export type Usage = {
  readonly pid: number
  readonly box: string
  readonly descriptors: number
  readonly residentMb: number
}

export const usageOf = ({ box, pid }: { readonly box: string; readonly pid: number }): Usage => ({
  pid,
  box,
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
  residentMb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024,
})

/** A probe or a client of the status socket may be open at that moment. */
const DESCRIPTORS_MORE = 4
/** Far above what one engine ever needs (60 to 90 MB), far below what a leak reaches in hours. */
const RESIDENT_LIMIT_MB = 200

/** PURE. `usages` in order of time, of all processes. */
export function checkLeaks(usages: readonly Usage[]): readonly string[] {
  const problems: string[] = []
  for (const { pid, box, descriptors, residentMb } of usages) {
    const first = usages.find((each) => each.pid === pid)
    if (first !== undefined && descriptors > first.descriptors + DESCRIPTORS_MORE)
      problems.push(`the engine on ${box} has ${descriptors} descriptors, had ${first.descriptors}`)
    if (residentMb > RESIDENT_LIMIT_MB) problems.push(`the engine on ${box} has ${Math.round(residentMb)} MB resident`)
  }
  return problems
}
