import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import * as z from 'zod'
import { packageRoot, runsFromBundle } from '../shared/package-root.ts'
import { type AddressChange, watchAddress } from './address-watch.ts'
import { monotonicMs } from './monotonic.ts'
import { inNamespace, runOrThrow } from './run.ts'
import { type Host, INTERFACE } from './topology.ts'
import { createWaiting } from './waiting.ts'
import { parseWitnessReport, type WitnessOrder } from './witness-report.ts'
import { addLook, type HolderView, holdersIn, type Sighting, viewHolders } from './witness-timeline.ts'

/** Sees, every 10 ms and from the LAN, who answers for the virtual address. */
export type Witness = {
  /** What the LAN saw from `from` until `to` (now); waits until all of that time is told. */
  readonly viewSince: (from: number, to?: number) => Promise<HolderView>
  /** Resolves when exactly these boxes have been the holders for 300 ms, at `from` or later; with the instant it began. */
  readonly settled: (holders: readonly string[], from: number, withinMs: number) => Promise<number>
  readonly sightings: readonly Sighting[]
  /** Gratuitous ARP on the LAN, by box. */
  readonly announcements: readonly { readonly at: number; readonly box: string }[]
  /** The kernel's own word, by box: when the address was added and removed since the witness was started. */
  readonly addressChanges: Readonly<Record<string, readonly AddressChange[]>>
  readonly stop: () => Promise<void>
}

/** Reports come every 50 ms, of looks that are 50 ms old. */
const SILENCE_LIMIT_MS = 10_000
const SETTLED_MS = 300

/** Starts the witness on a host that nothing else uses; resolves when it sees. The boxes' interfaces must be up. */
export async function startWitness(host: Host, boxes: readonly Host[], address: string, port = 80): Promise<Witness> {
  const macs = await Promise.all(boxes.map(async (box) => [box.name, await hardwareAddressOf(box)] as const))
  const order: WitnessOrder = { address, port, own: host.address, boxes: Object.fromEntries(macs) }
  const argv = inNamespace(host.namespace, [process.execPath, witnessProgram(), JSON.stringify(order)])
  const [file = '', ...args] = argv
  const child = execa(file, args, { reject: false, detached: true, buffer: { stdout: false } })
  const sightings: Sighting[] = []
  const announcements: { at: number; box: string }[] = []
  const waiting = createWaiting<void>('witness', () => describeLast(sightings))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const report = parseWitnessReport(line)
    for (const look of report.looks) addLook(sightings, look)
    announcements.push(...report.announcements)
    waiting.notify()
  })
  const ended = child.then(({ stderr }) => waiting.end(`before it ended: ${stderr}`))
  const watches = boxes.map((box) => [box.name, watchAddress(box.namespace, address)] as const)
  const until = async (at: number) => {
    const isTold = () => ((sightings.at(-1)?.to ?? 0) >= at ? true : undefined)
    if (isTold() === undefined) await waiting.until('the end of the period', SILENCE_LIMIT_MS, isTold)
  }
  await until(monotonicMs())
  return {
    viewSince: async (from, to = monotonicMs()) => {
      await until(to)
      return viewHolders(sightings, from, to)
    },
    settled: (holders, from, withinMs) => {
      const find = () => settledSince(sightings, holders, from)
      return waiting.until(`${holders.join(' and ') || 'nobody'} as the only holder`, withinMs, find)
    },
    sightings,
    announcements,
    addressChanges: Object.fromEntries(watches.map(([name, { changes }]) => [name, changes])),
    stop: async () => {
      child.stdin.end()
      await Promise.all([ended, ...watches.map(([, watch]) => watch.stop())])
    },
  }
}

/** Since when these have been the holders, without a break, until now. */
function settledSince(sightings: readonly Sighting[], holders: readonly string[], from: number): number | undefined {
  const wanted = [...holders].sort().join()
  const other = sightings.findLastIndex((each) => holdersIn(each).join() !== wanted)
  const first = sightings[other + 1]
  if (first === undefined) return undefined
  const since = Math.max(from, first.from)
  return (sightings.at(-1)?.to ?? 0) - since >= SETTLED_MS ? since : undefined
}

const describeLast = (sightings: readonly Sighting[]): string =>
  sightings
    .slice(-10)
    .map(
      ({ from, to, arp, accepts }) => `  | ${from.toFixed(0)} to ${to.toFixed(0)}: ARP [${arp}], accepts [${accepts}]`,
    )
    .join('\n')

async function hardwareAddressOf({ namespace }: Host): Promise<string> {
  const json: unknown = JSON.parse(await runOrThrow(['ip', '-n', namespace, '-json', 'link', 'show', 'dev', INTERFACE]))
  return linkSchema.parse(json)[0].address
}

const linkSchema = z.tuple([z.object({ address: z.string() })])

/** The witness's program stands beside this file in the sources, and is an entry of its own in the bundle. */
const witnessProgram = (): string =>
  join(packageRoot(), runsFromBundle() ? 'dist/lab/witness-process.js' : 'src/lab/witness-process.ts')
