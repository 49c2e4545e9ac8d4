import { setTimeout as delay } from 'node:timers/promises'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import { configureBox } from '../../test/e2e/support/config.ts'
import { entered } from '../../test/e2e/support/pair.ts'
import { configurePeer, newKey, untilMet, writeKey } from '../../test/e2e/support/peers.ts'
import { percent, usage } from '../support/usage.ts'

/** What one idle engine costs, and how late its loop wakes. */
export type Engine = {
  readonly cpuPercent: number
  readonly residentMb: number
  readonly lateness: { readonly p50: number; readonly p99: number; readonly max: number }
}

const START_LIMIT_MS = 60_000
/** Everything that comes with a start is over. */
const SETTLE_MS = 5_000

/** Clusters of this size, one without and one with the channel, at the same time: the machine is the same for both. */
export async function measureBoth(
  nodes: number,
  seconds: number,
): Promise<Record<'without' | 'with', readonly Engine[]>> {
  await using without = await buildCluster(nodes)
  await using beside = await buildCluster(nodes)
  await startEngines(without, false)
  await startEngines(beside, true)
  await delay(SETTLE_MS)
  const [first, second] = await Promise.all([without, beside].map((lab) => observe(lab, seconds)))
  return { without: first ?? [], with: second ?? [] }
}

const buildCluster = (nodes: number): Promise<Lab> =>
  buildLab({ boxes: Array.from({ length: nodes }, (_, index) => `web${index + 1}`), others: [] })

/** One instance, adverts each second, nothing else to look after. */
async function startEngines(lab: Lab, channel: boolean): Promise<void> {
  const key = newKey()
  const priority = Object.fromEntries(lab.boxes.map(({ name }, index) => [name, 200 - 10 * index]))
  const settings = { instance: { advert_interval: '1s', priority, track: [] } }
  for (const box of lab.boxes) {
    await writeKey(box, key)
    await (channel ? configurePeer(lab, box, settings) : configureBox(lab, box, settings))
  }
  for (const [index, box] of lab.boxes.entries()) {
    await box.startEngine().log.until(entered(index === 0 ? 'MASTER' : 'BACKUP'), { withinMs: START_LIMIT_MS })
  }
  if (channel) await untilMet(lab.boxes)
}

async function observe({ boxes }: Lab, seconds: number): Promise<readonly Engine[]> {
  const before = boxes.map((box) => usage([box.engine().pid]))
  await delay(seconds * 1_000)
  const after = boxes.map((box) => usage([box.engine().pid]))
  const found: Engine[] = []
  for (const [index, box] of boxes.entries()) {
    const [from, to] = [before[index], after[index]]
    if (from === undefined || to === undefined) continue
    const { loop } = await box.status()
    found.push({ cpuPercent: percent(from, to), residentMb: to.residentMb, lateness: loop.lateness_ms })
  }
  return found
}
