import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { hasEnded, type ProcessEntry, readProcess } from '../../../src/probes/process-table.ts'

/** Resolves when the process has gone (or is a zombie). */
export const gone = (pid: number): Promise<void> => becomes(pid, hasEnded)

/** Looks again and again, since other people's processes send no event; fails after five seconds. */
export async function becomes(pid: number, wanted: (entry: ProcessEntry | undefined) => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!wanted(await readProcess(pid))) {
    assert.ok(performance.now() < deadline, `process ${pid} is as it was`)
    await delay(5)
  }
}
