import type { LabClient } from '../../src/lab/client.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import type { Contender } from './contender.ts'

const LIMIT_MS = 60_000
const BACK_AFTER_MS = 8_000

/**
 * Until web1 serves again. After faults in a row haup lets the other node serve for longer each time: an administrator's word
 * ends that.
 */
export async function comeHome({ kind, web1 }: Contender, client: LabClient): Promise<void> {
  const from = monotonicMs()
  for (;;) {
    const isHome = await client.servedSteadily(['web1'], from, BACK_AFTER_MS).then(
      () => true,
      () => false,
    )
    if (isHome) return
    if (monotonicMs() - from > LIMIT_MS) throw new Error(`${kind}: web1 does not serve`)
    if (kind === 'haup') await web1.haup('failover', '--back', '--run-dir', web1.runDir)
  }
}
