import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Agent, startAgent } from '../../support/agent.ts'
import { createPair, type Namespace } from '../../support/netns.ts'

export const PORT = 8080
export const VIP = '192.0.2.100'
export const OTHER_VIP = '192.0.2.101'
export const VIP6 = '2001:db8::100'
/** The box's own addresses. */
export const OWN = '192.0.2.11'
export const OWN6 = '2001:db8::11'

/** Agents as their methods are (agent-process.ts). */
export type Tries = readonly { readonly at: number; readonly made: boolean }[]
export type Opened = { readonly opened: { readonly ok: boolean; readonly error?: string }; readonly until: number }

/** A box with virtual addresses bound and a server on all of them, and another host. */
export type GateLan = {
  readonly box: Namespace
  readonly peer: Namespace
  /** A fresh engine on the box. */
  readonly startEngine: () => Agent
  readonly startIn: (namespace: Namespace) => Agent
  readonly engine: Agent
  readonly client: Agent
  /** A client on the box itself. */
  readonly local: Agent
} & AsyncDisposable

export async function createGateLan(): Promise<GateLan> {
  const pair = createPair()
  const { a: box, b: peer } = pair
  box.ip('addr', 'add', `${OWN6}/64`, 'dev', 'e0', 'nodad')
  peer.ip('addr', 'add', '2001:db8::12/64', 'dev', 'e0', 'nodad')
  for (const address of [VIP, OTHER_VIP]) box.ip('addr', 'add', `${address}/32`, 'dev', 'e0')
  box.ip('addr', 'add', `${VIP6}/128`, 'dev', 'e0', 'nodad')
  const agents: Agent[] = []
  const start = (namespace: Namespace): Agent => {
    const agent = startAgent(namespace, join(import.meta.dirname, 'agent-process.ts'))
    agents.push(agent)
    return agent
  }
  const [engine, client, local] = [start(box), start(peer), start(box)]
  await local.call('serve', PORT)
  return {
    box,
    peer,
    engine,
    client,
    local,
    startEngine: () => start(box),
    startIn: start,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(agents.map((agent) => agent.kill()))
      pair[Symbol.dispose]()
    },
  }
}

export const OWNERS = [
  { owner: 'www', addresses: [VIP, VIP6] },
  { owner: 'db', addresses: [OTHER_VIP] },
]

export const run = (namespace: Namespace, ...argv: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace.name, ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** As another program on the box. */
export const nft = (namespace: Namespace, ...args: readonly string[]): string => run(namespace, 'nft', ...args)

/** The neighbour's hardware address as a host knows it; undefined when nobody answered. */
export function neighbour(namespace: Namespace, address: string): string | undefined {
  return /lladdr (\S+)/.exec(namespace.ip('neigh', 'show', 'to', address, 'dev', 'e0'))?.[1]
}

export const forget = (namespace: Namespace): string => namespace.ip('neigh', 'flush', 'dev', 'e0')
