import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DEFAULT_KEY_FILE } from '../../../src/config/schema-peer.ts'
import { getStatus } from '../../../src/control/client.ts'
import type { PeerStatus, Status } from '../../../src/control/messages.ts'
import type { Box } from '../../../src/lab/box.ts'
import type { ClientPace, LabClient } from '../../../src/lab/client.ts'
import { buildLab, type Lab } from '../../../src/lab/lab.ts'
import { monotonicMs } from '../../../src/lab/monotonic.ts'
import { startWitness, type Witness } from '../../../src/lab/witness.ts'
import { configureBox, type PairOptions, VIP } from './config.ts'
import { addSecondLine, secondAddress } from './lines.ts'
import { entered, heardAdverts } from './pair.ts'

/** Boxes with a peer channel between them, a client, and a witness that sees from the LAN who holds the address. */
export type Peers = Lab & {
  readonly web1: Box
  readonly web2: Box
  readonly witness: Witness
  readonly client: LabClient
}

export type PeersOptions = Pick<PairOptions, 'instance' | 'instances' | 'service' | 'document'> & {
  /** web1 and web2 when it is left out; the first one is preferred. */
  readonly boxes?: readonly string[]
  /** A second line between the boxes, and paths for the channel over it. */
  readonly secondLine?: boolean
  /** Runs when the LAN is there and the boxes are not configured yet. */
  readonly prepare?: (lab: Lab) => Promise<void>
  /** Further keys at the top level of the file, where they depend on the lab. */
  readonly documentOf?: (lab: Lab) => NonNullable<PairOptions['document']>
  /** Beside the boxes, the client and the witness. */
  readonly others?: readonly string[]
  readonly pace?: ClientPace
  /** All engines are started at once, where one alone would not hold. */
  readonly together?: boolean
  /** The key of a box; all have the same one when it is left out. */
  readonly keys?: Readonly<Record<string, string>>
}

export const newKey = (): string => randomBytes(32).toString('hex')

/** Master_Down_Interval of the lowest of these boxes with adverts of 100 ms, rounded up. */
export const SILENT_MS = 400

/** Up and settled: the first box holds, all others know it and each other. */
export async function startPeers(options: PeersOptions = {}): Promise<Peers> {
  const names = options.boxes ?? ['web1', 'web2']
  const lab = await buildLab({ boxes: names, others: ['client', 'witness', ...(options.others ?? [])] })
  try {
    if (options.secondLine === true) {
      await addSecondLine(
        lab.topology,
        lab.boxes.map(({ host }) => host),
      )
    }
    await options.prepare?.(lab)
    const common = newKey()
    for (const box of lab.boxes) {
      await writeKey(box, options.keys?.[box.name] ?? common)
      await configurePeer(lab, box, options)
    }
    const [first, ...others] = lab.boxes
    if (first === undefined) throw new Error('no boxes')
    const started = first.startEngine()
    // Else it is to be there before the others could claim.
    if (options.together !== true) await started.log.until(entered('MASTER'))
    for (const box of others) box.startEngine()
    for (const box of others) await box.engine().log.until(entered('BACKUP'))
    const witness = await startWitness(
      lab.host('witness'),
      lab.boxes.map(({ host }) => host),
      VIP,
    )
    const client = lab.startClient(VIP, options.pace)
    await witness.settled([first.name], 0, 10_000)
    if (options.keys === undefined) await untilMet(lab.boxes)
    // A node that has just started listens first, whatever it is told.
    for (const box of others) await heardAdverts(box, 1)
    await client.servedSteadily([first.name], 0, 10_000)
    return { ...lab, web1: lab.box('web1'), web2: lab.box('web2'), witness, client }
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
}

/** Writes haup.yaml with a channel; also for a later reload. */
export async function configurePeer(lab: Lab, box: Box, options: PeersOptions = {}): Promise<void> {
  const nodes = lab.boxes.map(({ name, host }) => [
    name,
    { address: host.address, ...(options.secondLine === true ? { paths: [secondAddress(host)] } : {}) },
  ])
  await configureBox(lab, box, {
    ...options,
    nodes: Object.fromEntries(nodes),
    document: { peer: {}, ...options.document, ...options.documentOf?.(lab) },
  })
}

export const keyFileOf = ({ configFile }: Box): string => join(dirname(configFile), DEFAULT_KEY_FILE)

export const writeKey = (box: Box, key: string): Promise<void> => writeFile(keyFileOf(box), `${key}\n`, { mode: 0o600 })

export const statusOf = ({ runDir }: Box): Promise<Status> => getStatus(runDir)

export const reload = async (box: Box): Promise<void> => {
  const { code, stdout, stderr } = await box.haup('reload', '--run-dir', box.runDir)
  if (code !== 0) throw new Error(`reload on ${box.name}: ${stdout}${stderr}`)
}

/** Resolves with the first status of the box that the look likes. There is no event to wait for. */
export async function untilStatus(
  box: Box,
  what: string,
  look: (status: Status) => boolean,
  withinMs = 10_000,
): Promise<Status> {
  const deadline = monotonicMs() + withinMs
  for (;;) {
    const status = await statusOf(box)
    if (look(status)) return status
    if (monotonicMs() > deadline) throw new Error(`${box.name}: ${what}: ${JSON.stringify(status, undefined, 1)}`)
    await delay(20)
  }
}

export const lifeOf = (status: Status, node: string): PeerStatus['life'] | undefined =>
  status.peers.find((peer) => peer.node === node)?.life

/** All know all others to be alive, by every path. */
export async function untilMet(boxes: readonly Box[]): Promise<void> {
  const isKnown = ({ alive, paths }: PeerStatus): boolean =>
    alive && paths.every((path) => path.heard_seconds_ago !== null)
  for (const box of boxes) {
    await untilStatus(box, 'all others alive', ({ peers }) => peers.length === boxes.length - 1 && peers.every(isKnown))
  }
}
