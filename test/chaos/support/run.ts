import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Box } from '../../../src/lab/box.ts'
import type { LabClient } from '../../../src/lab/client.ts'
import { holdersOf } from '../../../src/lab/holders.ts'
import { buildLab, type Lab } from '../../../src/lab/lab.ts'
import { monotonicMs } from '../../../src/lab/monotonic.ts'
import { startWitness, type Witness } from '../../../src/lab/witness.ts'
import { configureBox, VIP } from '../../e2e/support/config.ts'
import { newKey, writeKey } from '../../e2e/support/peers.ts'
import { createRandom, type Random } from '../../sim/random.ts'
import { checkTwoHolders, type Fault, INTERVAL_MS } from './bounds.ts'
import { createEngines } from './engines.ts'
import { DOINGS, healAll, type Place, SECOND_VIP } from './faults.ts'
import { checkLeaks, type Usage, usageOf } from './leaks.ts'
import { type PlannedFault, planEpisode } from './plan.ts'
import { createStorms } from './storms.ts'

export type ChaosOptions = {
  readonly seed: number
  readonly seconds: number
  /** No more than so many; a run that is limited by them alone is the same on every machine. */
  readonly episodes?: number
  /** Faults that are left out of the plan; the rest of it stays the same. */
  readonly without?: readonly string[]
  /** Draws an episode; tests have plans of their own. */
  readonly plan?: (random: Random) => readonly PlannedFault[]
  /** Without a channel between the nodes: they know each other by VRRP and ARP alone. */
  readonly mute?: boolean
  /** Settings of the instance that differ. */
  readonly instance?: Readonly<Record<string, unknown>>
  /** Made by the run; keeps its log and the engines'. */
  readonly directory: string
  readonly print: (line: string) => void
}

export type ChaosResult = { readonly episodes: number; readonly faults: number; readonly problems: readonly string[] }

/**
 * From all is put right until web1 alone holds and serves: an engine's start on a busy machine (3 s), its listening (less
 * than one second), a server's way back to healthy (`settle`, 1 s; `rise`), its take-over (less than one second), twice when
 * the first start is overtaken.
 */
const SETTLE_MS = 12_000
/** Then nothing may change for so long. */
const CALM_MS = 1_000

/** Disturbs a live pair by a plan drawn from the seed; ends at the first episode with a problem, or when the time is up. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  await mkdir(options.directory, { recursive: true })
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['client', 'witness'] })
  const lines: string[] = []
  const print = (line: string) => {
    lines.push(`${new Date().toISOString()} ${monotonicMs().toFixed(0)} ${line}`)
    options.print(line)
  }
  try {
    return await disturb(lab, options, print)
  } finally {
    await writeFile(join(options.directory, 'chaos.log'), `${lines.join('\n')}\n`)
    for (const box of lab.boxes)
      await cp(join(box.directory, 'haup.log'), join(options.directory, `${box.name}-haup.log`)).catch(() => undefined)
  }
}

type Scene = Omit<Place, 'box'> & { readonly witness: Witness; readonly client: LabClient }

async function disturb(lab: Lab, options: ChaosOptions, print: (line: string) => void): Promise<ChaosResult> {
  const { plan: draw = planEpisode, without = [], directory } = options
  const most = options.episodes ?? Number.POSITIVE_INFINITY
  const scene = await setTheScene(lab, options)
  const random = createRandom(options.seed)
  const usages: Usage[] = []
  let [episodes, faults] = [0, 0]
  let problems = await settle(scene, usages)
  const end = monotonicMs() + options.seconds * 1_000
  while (problems.length === 0 && episodes < most && monotonicMs() < end) {
    const plan = draw(random).filter(({ kind }) => !without.includes(kind))
    episodes += 1
    faults += plan.length
    print(`episode ${episodes}: ${plan.map(describe).join('; ')}`)
    problems = await playEpisode(scene, plan, usages)
  }
  for (const problem of problems) print(`PROBLEM: ${problem}`)
  await writeFile(join(directory, 'sightings.json'), `${JSON.stringify(scene.witness.sightings, undefined, 1)}\n`)
  await writeFile(join(directory, 'usage.json'), `${JSON.stringify(usages, undefined, 1)}\n`)
  await Promise.all([scene.client.stop(), scene.witness.stop()])
  return { episodes, faults, problems }
}

/** Everything is started; nobody has waited for anything yet. */
async function setTheScene(lab: Lab, { instance, mute = false }: ChaosOptions): Promise<Scene> {
  const key = newKey()
  for (const box of lab.boxes) await writeKey(box, key)
  const configure = (box: Box, more: readonly string[]) =>
    configureBox(lab, box, {
      instance: { advert_interval: `${INTERVAL_MS}ms`, virtual_addresses: [`${VIP}/24`, ...more], ...instance },
      service: { restart_budget: '50 within 60s' },
      document: mute ? {} : { peer: {} },
    })
  for (const box of lab.boxes) await configure(box, [])
  const engines = createEngines()
  for (const box of lab.boxes) await engines.start(box)
  const hosts = lab.boxes.map(({ host }) => host)
  const witness = await startWitness(lab.host('witness'), hosts, VIP)
  return { lab, engines, storms: createStorms(), configure, witness, client: lab.startClient(VIP) }
}

const describe = ({ kind, box, from, to }: PlannedFault): string =>
  `${kind} ${box} at ${from}${to > from ? ` for ${to - from}` : ''} ms`

/** Does what is planned, puts all right, and looks back; returns what is wrong. */
async function playEpisode(scene: Scene, plan: readonly PlannedFault[], usages: Usage[]): Promise<readonly string[]> {
  const from = monotonicMs()
  const faults = await play(scene, plan, from)
  await healAll(scene)
  const settled = await settle(scene, usages)
  const { two } = await scene.witness.viewSince(from)
  return [...checkTwoHolders(two, faults), ...settled]
}

/** Begins and ends the faults at their times; returns them as they really were. */
async function play({ lab, ...scene }: Scene, plan: readonly PlannedFault[], start: number): Promise<readonly Fault[]> {
  const steps = plan.flatMap((fault) => [
    { at: fault.from, fault, step: 'begin' as const },
    { at: fault.to, fault, step: 'end' as const },
  ])
  const began = new Map<PlannedFault, number>()
  const done: Fault[] = []
  for (const { at, fault, step } of steps.sort((a, b) => a.at - b.at)) {
    await delay(Math.max(0, start + at - monotonicMs()))
    if (step === 'begin') began.set(fault, monotonicMs())
    await DOINGS[fault.kind][step]({ ...scene, lab, box: lab.box(fault.box) })
    if (step === 'end') done.push({ ...fault, from: began.get(fault) ?? start, to: monotonicMs() })
  }
  return done
}

/** Waits until web1 alone holds and serves, and then looks whether it stays so; returns what is wrong. */
async function settle({ lab, engines, witness, client }: Scene, usages: Usage[]): Promise<readonly string[]> {
  const from = monotonicMs()
  try {
    await witness.settled(['web1'], from, SETTLE_MS)
    await client.servedSteadily(['web1'], from, Math.max(1_000, from + SETTLE_MS - monotonicMs()))
  } catch (error) {
    return [`not settled in ${SETTLE_MS} ms: ${error instanceof Error ? error.message : error}`, ...engines.problems()]
  }
  const calm = monotonicMs()
  await delay(CALM_MS)
  const [held, served] = [await witness.viewSince(calm), await client.viewSince(calm)]
  usages.push(...engines.pids().map(usageOf))
  const problems = [...engines.problems(), ...checkLeaks(usages)]
  if (Object.keys(held.held).join() !== 'web1')
    problems.push(`not calm: held by ${Object.keys(held.held).join(' and ')}`)
  const second = await holdersOf(lab.boxes, SECOND_VIP)
  if (second.length > 0) problems.push(`${SECOND_VIP}, which was configured away, is on ${second.join(' and ')}`)
  if (served.lost > 0) problems.push(`not calm: ${served.lost} of ${served.sent} requests lost`)
  return problems
}
