import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { HandOn } from '../../../src/engine/ports.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { type Agent, startAgent } from '../../support/agent.ts'
import { createNamespace, type Namespace } from '../../support/netns.ts'
import type { Attempt } from './move-process.ts'
import { run } from './support.ts'

export const VIP = '192.0.2.100'
export const PORT = 8080
export const OWNER = 'www'

export type Host = { readonly at: Namespace; readonly agent: Agent; readonly mac: Mac; readonly address: Ipv4 }

/** A box that can hold the address: what it needs for the other one is `target` (to hand on to this one). */
export type Box = Host & { readonly name: string; readonly target: HandOn }

export type MoveLan = {
  readonly a: Box
  readonly b: Box
  readonly client: Host
  /** Knows one hardware address for the virtual address and believes no other, whoever announces. */
  readonly pin: (host: Host, box: Box) => void
  readonly addHost: () => Host
  readonly restart: (box: Box) => Promise<Box>
} & AsyncDisposable

/** A switch, two boxes that serve on all their addresses, and a client; nothing is prepared, nothing bound. */
export async function createMoveLan(): Promise<MoveLan> {
  const cable = createNamespace()
  cable.ip('link', 'add', 'br0', 'type', 'bridge')
  cable.ip('link', 'set', 'br0', 'up')
  const hosts: Host[] = []
  const addHost = (): Host => {
    const at = createNamespace()
    const port = `p${hosts.length}`
    at.ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', port, 'netns', cable.name)
    cable.ip('link', 'set', port, 'master', 'br0', 'up')
    at.ip('link', 'set', 'e0', 'up')
    const address = `192.0.2.${11 + hosts.length}` as Ipv4
    at.ip('addr', 'add', `${address}/24`, 'dev', 'e0')
    const mac = /link\/ether (\S+)/.exec(at.ip('link', 'show', 'e0'))?.[1] as Mac
    const host = { at, mac, address, agent: startIn(at) }
    hosts.push(host)
    return host
  }
  const addBox = async (name: string): Promise<Box> => {
    const host = addHost()
    const server = startIn(host.at)
    hosts.push({ ...host, agent: server })
    await server.call('serve', PORT, name)
    return { ...host, name, target: { to: host.address, mac: host.mac, interface: 'e0' } }
  }
  const [a, b, client] = [await addBox('a'), await addBox('b'), addHost()]
  return {
    a,
    b,
    client,
    addHost,
    pin: ({ at }, { mac }) => {
      at.ip('neigh', 'replace', VIP, 'lladdr', mac, 'dev', 'e0', 'nud', 'permanent')
    },
    restart: async (box) => {
      await box.agent.kill()
      const agent = startIn(box.at)
      hosts.push({ ...box, agent })
      return { ...box, agent }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(hosts.map(({ agent }) => agent.kill()))
      for (const { at } of hosts) at[Symbol.dispose]()
      cable[Symbol.dispose]()
    },
  }
}

const startIn = (namespace: Namespace): Agent => startAgent(namespace, join(import.meta.dirname, 'move-process.ts'))

const DESIRED = [{ interface: 'e0', address: { address: VIP, length: 32 }, label: undefined }]
const OK = { ok: true }

/** Who takes a new connection to the address; undefined: nobody does. */
export const reached = async ({ agent }: Host, patience = 300): Promise<string | undefined> =>
  ((await agent.call('reach', VIP, PORT, patience)) as Attempt).by

/** As another program on the box. */
export const nft = ({ at }: Host, ...args: readonly string[]): string => run(at, 'nft', ...args)

/** Both closed, with nothing bound, and nobody knows the other's hardware address. */
export async function reset({ a, b, client }: MoveLan): Promise<void> {
  for (const box of [a, b]) {
    assert.deepEqual(await box.agent.call('remove'), OK)
    await on(box).unbind()
    await on(box).prepare()
  }
  for (const { at } of [a, b, client]) at.ip('neigh', 'flush', 'dev', 'e0', 'nud', 'all')
}

/** Calls that must succeed. */
export const on = ({ agent, target }: Box) => ({
  prepare: async () =>
    assert.deepEqual(await agent.call('prepare', [{ owner: OWNER, addresses: [VIP], asking: target.to }]), {
      ok: true,
      value: { kind: 'ready' },
    }),
  bind: async () => assert.deepEqual(await agent.call('bind', OWNER, DESIRED), OK),
  unbind: async () => assert.deepEqual(await agent.call('bind', OWNER, []), OK),
  open: async (milliseconds = 60_000) => assert.deepEqual(await agent.call('open', OWNER, milliseconds), OK),
  close: async () => assert.deepEqual(await agent.call('close', OWNER), OK),
  announce: async () => assert.deepEqual(await agent.call('announce', 'e0', [VIP]), OK),
  admit: async (from: Box, milliseconds = 5_000) =>
    assert.deepEqual(await agent.call('admit', OWNER, { from: from.mac }, milliseconds), OK),
  handOn: async (to: Box, milliseconds = 10_000) => {
    const { handed, ...times } = (await agent.call('handOn', OWNER, to.target, milliseconds)) as HandedOn
    assert.deepEqual(handed, OK)
    return times
  },
  now: async () => (await agent.call('now')) as number,
})

type HandedOn = { readonly handed: unknown; readonly begun: number; readonly done: number }
