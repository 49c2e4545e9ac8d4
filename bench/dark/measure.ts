import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import type { Box } from '../../src/lab/box.ts'
import { type LabClient, startClient } from '../../src/lab/client.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startWitness } from '../../src/lab/witness.ts'
import { VIP } from '../../test/e2e/support/config.ts'
import { holderPath } from '../../test/e2e/support/observe.ts'
import { anyStateChange } from '../../test/e2e/support/pair.ts'
import { type Contender, type Kind, startContender } from '../holders/contender.ts'
import { SECOND_CLIENT, STRANGER_HOST } from './faults.ts'
import type { Row } from './rows.ts'

/** One row for one kind of pair; times in milliseconds, from the beginning of the fault until some time after its end. */
export type Figures = {
  /** Longest time in which a client was not served: of the clients on the two sides, the one beside web1 first. */
  readonly gapsMs: readonly number[]
  readonly lost: number
  readonly sent: number
  readonly twoMs: number
  readonly longestTwoMs: number
  readonly noneMs: number
  readonly longestNoneMs: number
  /** Who was seen as holder, a change each. */
  readonly path: readonly string[]
  /** From the end of the fault until web1 alone holds; undefined: not within a minute. */
  readonly settledMs: number | undefined
  readonly boxes: readonly BoxFigures[]
}

/** What haup itself says at a box, shortly before the fault ends. */
export type BoxFigures = {
  readonly box: string
  readonly exit: number | undefined
  readonly state: string
  readonly reason: string
  readonly warnings: readonly string[]
  /** During the fault. */
  readonly logLines: number
  readonly stateChanges: number
}

const READY_LIMIT_MS = 60_000
const SETTLED_LIMIT_MS = 60_000
const AFTER_MS = 5_000
const DEFAULT_INTERVAL_MS = 1_000

export async function measureRow(kind: Kind, row: Row, logs: string | undefined): Promise<Figures> {
  const others = [STRANGER_HOST, SECOND_CLIENT]
  const pair = await startContender(kind, { intervalMs: DEFAULT_INTERVAL_MS, others, ...row.pair })
  try {
    return await observe(pair, kind, row)
  } finally {
    if (logs !== undefined) await keepLogs(pair, join(logs, `${row.name}-${kind}`))
    await pair.lab[Symbol.asyncDispose]()
  }
}

async function observe(pair: Contender, kind: Kind, row: Row): Promise<Figures> {
  const { lab } = pair
  const hosts = lab.boxes.map(({ host }) => host)
  const witness = await startWitness(lab.host('witness'), hosts, VIP)
  const clients = ['client', SECOND_CLIENT].map((name) => startClient(lab.host(name), VIP))
  try {
    await ready(clients)
    await witness.settled(['web1'], 0, READY_LIMIT_MS)
    const from = monotonicMs()
    const seen = kind === 'haup' ? lab.boxes.map((box) => box.engine().log.position()) : []
    const heal = await row.act(pair, row.lastsMs)
    await delay(Math.max(0, from + row.lastsMs - monotonicMs()))
    const boxes = await Promise.all(kind === 'haup' ? lab.boxes.map((box, at) => lookAt(box, seen[at] ?? 0)) : [])
    await heal()
    const healed = monotonicMs()
    await delay(AFTER_MS)
    const settled = await witness.settled(['web1'], healed, SETTLED_LIMIT_MS).catch(() => undefined)
    const view = await witness.viewSince(from)
    const served = await Promise.all(clients.map((client) => client.viewSince(from)))
    return {
      gapsMs: served.map(({ outageMs }) => outageMs),
      lost: served.reduce((sum, { lost }) => sum + lost, 0),
      sent: served.reduce((sum, { sent }) => sum + sent, 0),
      ...pick(view),
      path: holderPath(view),
      settledMs: settled === undefined ? undefined : settled - healed,
      boxes,
    }
  } finally {
    await Promise.all([...clients.map((client) => client.stop()), witness.stop()])
  }
}

const ready = (clients: readonly LabClient[]) =>
  Promise.all(clients.map((client) => client.servedSteadily(['web1'], 0, READY_LIMIT_MS)))

type View = Pick<Figures, 'twoMs' | 'longestTwoMs' | 'noneMs' | 'longestNoneMs'>

const pick = ({ twoMs, longestTwoMs, noneMs, longestNoneMs }: View): View => ({
  twoMs,
  longestTwoMs,
  noneMs,
  longestNoneMs,
})

async function lookAt(box: Box, seen: number): Promise<BoxFigures> {
  const { code, stdout } = await box.haup('status', '--json', '--run-dir', box.runDir)
  const { instances, warnings } = statusSchema.parse(stdout === '' ? {} : JSON.parse(stdout))
  const { log } = box.engine()
  return {
    box: box.name,
    exit: code,
    state: instances[0]?.state ?? 'unknown',
    reason: instances[0]?.reason ?? '',
    warnings: warnings.map(({ message }) => message),
    logLines: log.position() - seen,
    stateChanges: log.count(anyStateChange, seen),
  }
}

/** Of an engine that does not answer there is nothing. */
const statusSchema = z.object({
  instances: z.array(z.object({ state: z.string(), reason: z.string() })).default([]),
  warnings: z.array(z.object({ message: z.string() })).default([]),
})

async function keepLogs({ lab }: Contender, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const box of lab.boxes)
    await cp(join(box.directory, 'haup.log'), join(directory, `${box.name}.log`)).catch(() => undefined)
}
