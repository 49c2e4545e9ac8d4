import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import * as z from 'zod'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../src/lab/topology.ts'
import { createWaiting } from '../../src/lab/waiting.ts'
import { bitOf, createSightings, NOBODY, type View } from './sightings.ts'
import type { Order } from './witness-process.ts'

/** Sees from the LAN which box answers for each of many addresses. */
export type ManyWitness = {
  /**
   * Resolves with the instant since when all addresses are answered for by this box, once that is so for SETTLED_MS;
   * undefined when it is not within the time.
   */
  readonly servedBy: (box: Web, from: number, withinMs: number) => Promise<number | undefined>
  /** Likewise, by it alone. */
  readonly aloneBy: (box: Web, from: number, withinMs: number) => Promise<number | undefined>
  readonly view: (from: number) => View
  /** As in "60 by web1, 3 by nobody". */
  readonly describe: () => string
  /** Asks all addresses as often as this from now on. */
  readonly every: (milliseconds: number) => void
  readonly stop: () => Promise<void>
}

const BOTH = bitOf('web1') | bitOf('web2')

export type Web = 'web1' | 'web2'

export const SETTLED_MS = 500
const START_LIMIT_MS = 10_000
const reportSchema = z.object({ at: z.number(), changes: z.array(z.tuple([z.number(), z.number()])) })
const linkSchema = z.tuple([z.object({ address: z.string() })])

export async function startManyWitness(
  host: Host,
  boxes: readonly Host[],
  addresses: readonly string[],
  everyMs: number,
): Promise<ManyWitness> {
  const macs = await Promise.all(boxes.map(hardwareAddressOf))
  const order: Order = { own: host.address, addresses, boxes: macs, everyMs }
  const program = join(import.meta.dirname, 'witness-process.ts')
  const [file = '', ...args] = inNamespace(host.namespace, [process.execPath, program, JSON.stringify(order)])
  const child = execa(file, args, { reject: false, detached: true, buffer: { stdout: false } })
  const sightings = createSightings(addresses.length)
  const describe = () =>
    `${sightings.count(bitOf('web1'))} by web1, ${sightings.count(bitOf('web2'))} by web2, ${sightings.count(BOTH)} by both, ${sightings.count(NOBODY)} by nobody`
  const waiting = createWaiting<void>('witness', describe)
  createInterface({ input: child.stdout }).on('line', (line) => {
    sightings.add(reportSchema.parse(JSON.parse(line)))
    waiting.notify()
  })
  const ended = child.then(({ stderr }) => waiting.end(`before it ended: ${stderr}`))
  await waiting.until('a first round', START_LIMIT_MS, sightings.until)
  const lasting = (since: number | undefined, from: number): number | undefined => {
    if (since === undefined) return undefined
    const began = Math.max(since, from)
    return (sightings.until() ?? 0) - began >= SETTLED_MS ? began : undefined
  }
  const seen = (what: string, withinMs: number, look: () => number | undefined) =>
    waiting.until(what, withinMs, look).catch(() => undefined)
  return {
    servedBy: (box, from, withinMs) =>
      seen(`all by ${box}`, withinMs, () => lasting(sightings.servedSince(bitOf(box)), from)),
    aloneBy: (box, from, withinMs) =>
      seen(`all by ${box} alone`, withinMs, () => lasting(sightings.aloneSince(bitOf(box)), from)),
    view: (from) => sightings.view(from, monotonicMs()),
    describe,
    every: (milliseconds) => void child.stdin.write(`${milliseconds}\n`),
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}

async function hardwareAddressOf({ namespace }: Host): Promise<string> {
  const json: unknown = JSON.parse(await runOrThrow(['ip', '-n', namespace, '-json', 'link', 'show', 'dev', INTERFACE]))
  return linkSchema.parse(json)[0].address
}
