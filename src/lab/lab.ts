import { randomBytes } from 'node:crypto'
import { type Box, prepareBox, type ServerKind } from './box.ts'
import { claimLab, removeLab } from './cleanup.ts'
import { type ClientPace, type LabClient, startClient } from './client.ts'
import { buildTopology, type Host, planTopology, type Topology } from './topology.ts'

/** A LAN with web server boxes, and other hosts such as the client. */
export type Lab = AsyncDisposable & {
  readonly id: string
  readonly directory: string
  readonly topology: Topology
  readonly box: (name: string) => Box
  readonly boxes: readonly Box[]
  readonly host: (name: string) => Host
  /** Starts the client on the host `client`; it uses this address until the lab ends. */
  readonly startClient: (address: string, pace?: ClientPace) => LabClient
}

export type LabPlan = {
  readonly boxes: readonly string[]
  /** What all boxes have; nginx when it is left out. */
  readonly server?: ServerKind
  /** Hosts without web server and haup. */
  readonly others: readonly string[]
}

export const newLabId = (): string => randomBytes(3).toString('hex')

/** Builds a lab with the web server running in every box, and no engine yet. What was built is removed when building fails. */
export async function buildLab(plan: LabPlan, id: string = newLabId()): Promise<Lab> {
  const topology = planTopology(id, [...plan.boxes, ...plan.others])
  const directory = await claimLab(id)
  try {
    await buildTopology(topology)
    const host = (name: string) => find(topology.hosts, name)
    const boxes = await Promise.all(plan.boxes.map((name) => prepareBox(host(name), directory, plan.server ?? 'nginx')))
    await Promise.all(boxes.map((box) => box.server.start()))
    return {
      id,
      directory,
      topology,
      boxes,
      host,
      box: (name) => find(boxes, name),
      startClient: (address, pace) => startClient(host('client'), address, pace),
      [Symbol.asyncDispose]: () => removeLab(id),
    }
  } catch (error) {
    await removeLab(id)
    throw error
  }
}

function find<T extends { readonly name: string }>(things: readonly T[], name: string): T {
  const found = things.find((thing) => thing.name === name)
  if (found === undefined) throw new Error(`the lab has no ${name}`)
  return found
}
