import { cp, mkdir } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import type { Kind } from '../holders/contender.ts'
import { percent, usage } from '../support/usage.ts'
import { addressesOf } from './configuration.ts'
import { buildManyPair, type Lateness, type ManyPair } from './pair.ts'
import type { View } from './sightings.ts'
import { type ManyWitness, startManyWitness } from './witness.ts'

/** What the engine of a box uses when nothing happens. */
export type Load = {
  /** Of one core. */
  readonly cpuPercent: number
  readonly residentMb: number
  readonly lateness: Lateness | undefined
}

export const ACTS = ['killed', 'after kill', 'stopped', 'after stop'] as const
/** What is done to web1; `after …`: it is started again. */
export type Act = (typeof ACTS)[number]

/** From one event until the next; times in milliseconds. */
export type Event = View & {
  readonly act: Act
  /** Until all addresses are answered for by the box that should; undefined: not within SERVED_LIMIT_MS. */
  readonly servedMs: number | undefined
  /** Likewise, by it alone; undefined: not within ALONE_LIMIT_MS more. */
  readonly settledMs: number | undefined
}

/** One kind with one number of instances. */
export type Figures = {
  /** From the start of both until all addresses are with web1; undefined: never. */
  readonly startedMs: number | undefined
  readonly master: Load
  readonly backup: Load
  /** Of the whole machine while the load was measured: how many wanted to run. */
  readonly machineLoad: number
  readonly events: readonly Event[]
}

export type MeasureOptions = {
  readonly seconds: number
  readonly cycles: number
  /** Where the engines' logs are kept. */
  readonly logs?: string | undefined
  /** Where V8's profiles of the engines are kept. */
  readonly profile?: string | undefined
  readonly tell: (what: string) => void
}

/** A round of questions; it costs the kernel of each box as much as so many neighbours that look for the addresses. */
const EVERY_MS = 20
const EVERY_WITH_MANY_MS = 40
const MANY = 128
/** While the load is measured nothing but the engines should be. */
const EVERY_WHILE_IDLE_MS = 60_000
const SERVED_LIMIT_MS = 30_000
const ALONE_LIMIT_MS = 10_000
/** After each event: the nodes know each other again. */
const REST_MS = 6_000

export async function measureKind(kind: Kind, count: number, options: MeasureOptions): Promise<Figures> {
  const pair = await buildManyPair(kind, count, options.profile)
  const { lab, web1, web2 } = pair
  try {
    const everyMs = count > MANY ? EVERY_WITH_MANY_MS : EVERY_MS
    const hosts = [web1.host, web2.host]
    const witness = await startManyWitness(lab.host('witness'), hosts, addressesOf(count), everyMs)
    try {
      return await measure({ pair, witness, everyMs }, options)
    } finally {
      await witness.stop()
    }
  } finally {
    await Promise.all([web1, web2].map((box) => stopped(pair, box)))
    if (options.logs !== undefined) await keepLogs(pair, join(options.logs, `${kind}-${count}`))
    await lab[Symbol.asyncDispose]()
  }
}

type Observed = { readonly pair: ManyPair; readonly witness: ManyWitness; readonly everyMs: number }

async function measure(observed: Observed, options: MeasureOptions): Promise<Figures> {
  const { pair, witness, everyMs } = observed
  const { seconds, cycles, tell } = options
  const from = await pair.start(pair.web1)
  await witness.servedBy('web1', from, SERVED_LIMIT_MS)
  await pair.start(pair.web2)
  await delay(REST_MS)
  const settled = await witness.aloneBy('web1', from, SERVED_LIMIT_MS)
  tell(settled === undefined ? `not settled: ${witness.describe()}` : `settled after ${Math.round(settled - from)} ms`)
  witness.every(EVERY_WHILE_IDLE_MS)
  await delay(4 * everyMs)
  const began = monotonicMs()
  const [master, backup] = await loadsOf(pair, seconds)
  tellPhase(options, 'settled', began)
  const machineLoad = loadavg()[0] ?? 0
  tell(`master ${describeLoad(master)}; backup ${describeLoad(backup)}; load of the machine ${machineLoad.toFixed(1)}`)
  witness.every(everyMs)
  await delay(REST_MS)
  const events: Event[] = []
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const act of ACTS) events.push(await observe(observed, act, options))
  }
  return { startedMs: settled === undefined ? undefined : settled - from, master, backup, machineLoad, events }
}

async function observe({ pair, witness }: Observed, act: Act, options: MeasureOptions): Promise<Event> {
  const at = await ACT[act](pair)
  const box = act.startsWith('after') ? 'web1' : 'web2'
  // What a killed engine left answers before the new one does anything: a start counts when nobody else answers.
  const reached = box === 'web1' ? witness.aloneBy : witness.servedBy
  const served = await reached(box, at, SERVED_LIMIT_MS)
  const settled = served === undefined ? undefined : await witness.aloneBy(box, at, ALONE_LIMIT_MS)
  tellPhase(options, act, at)
  const now = witness.describe()
  if (box === 'web2') await pair.ended(pair.web1)
  await delay(REST_MS)
  const since = (instant: number | undefined) => (instant === undefined ? undefined : instant - at)
  const event = { act, servedMs: since(served), settledMs: since(settled), ...witness.view(at) }
  options.tell(`${act}: ${describeEvent(event)}${settled === undefined ? ` (${now})` : ''}`)
  return event
}

/** Which part of a profile is which: V8's times are microseconds of the same clock. */
function tellPhase({ profile, tell }: MeasureOptions, name: string, from: number): void {
  if (profile !== undefined) tell(`profile: ${name} from ${from.toFixed(0)} to ${monotonicMs().toFixed(0)} ms`)
}

const describeEvent = (event: Event): string =>
  Object.entries(event)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? Math.round(value) : (value ?? 'never')}`)
    .join(', ')

const ACT: Readonly<Record<Act, (pair: ManyPair) => Promise<number>>> = {
  killed: (pair) => pair.kill(pair.web1),
  'after kill': (pair) => pair.start(pair.web1),
  stopped: (pair) => pair.stop(pair.web1),
  'after stop': (pair) => pair.start(pair.web1),
}

async function loadsOf(pair: ManyPair, seconds: number): Promise<readonly [Load, Load]> {
  const pids = await Promise.all([pair.pids(pair.web1), pair.pids(pair.web2)])
  const before = pids.map(usage)
  await delay(seconds * 1_000)
  const after = pids.map(usage)
  const load = async (box: Box, index: number): Promise<Load> => {
    const [first, last] = [before[index], after[index]]
    if (first === undefined || last === undefined) throw new Error(`${box.name} was not measured`)
    return { cpuPercent: percent(first, last), residentMb: last.residentMb, lateness: await pair.lateness(box) }
  }
  return [await load(pair.web1, 0), await load(pair.web2, 1)]
}

const describeLoad = ({ cpuPercent, residentMb, lateness }: Load): string =>
  `${cpuPercent.toFixed(1)} %, ${residentMb.toFixed(0)} MB, lateness ${JSON.stringify(lateness)}`

async function stopped(pair: ManyPair, box: Box): Promise<void> {
  // One that was never started has nothing to stop.
  await pair.stop(box).then(
    () => pair.ended(box),
    () => undefined,
  )
}

async function keepLogs({ lab }: ManyPair, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const box of lab.boxes) {
    for (const log of [join(box.directory, 'haup.log'), join(lab.directory, `keepalived-${box.name}`, 'log')])
      await cp(log, join(directory, `${box.name}.log`)).catch(() => undefined)
  }
}
