import { type Bounds, bad, good, type Verdict, within } from './attempt.ts'
import { readPidFile } from './pid-file.ts'
import { readProcess } from './process-table.ts'

/** Whether the process named in a pid file runs: not gone, not a zombie, not stopped. Says nothing about its service. */
export async function probeProcess(spec: { readonly pidFile: string }, bounds: Bounds): Promise<Verdict> {
  const pid = await readPidFile(spec.pidFile)
  if (bounds.signal.aborted) return bad(within(`${spec.pidFile} could not be read`, bounds))
  if (!pid.ok) return bad(pid.error)
  const entry = await readProcess(pid.value)
  if (entry === undefined) return bad(`process ${pid.value} is gone, ${spec.pidFile} is stale`)
  const what = `process ${pid.value} (${entry.comm})`
  if (entry.state === 'Z' || entry.state === 'X') return bad(`${what} has ended and is a zombie`)
  return entry.state === 'T' ? bad(`${what} is stopped`) : good(`${what} runs`)
}
