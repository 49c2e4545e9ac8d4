import { join } from 'node:path'
import { encodeIpv4Packet } from '../../../src/engine/vrrp/ipv4-header.ts'
import { encodeMessage } from '../../../src/engine/vrrp/message.ts'
import { VRRP_GROUP } from '../../../src/engine/vrrp/packet.ts'
import type { RejectReason, RouterConfig } from '../../../src/engine/vrrp/types.ts'
import { inNamespace, runOrThrow } from '../../../src/lab/run.ts'
import type { Host } from '../../../src/lab/topology.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromSeconds } from '../../../src/shared/units.ts'

export type HostilePacket = { readonly destination: Ipv4; readonly bytes: Uint8Array }

/** Sends packets from a host; resolves with how many its kernel took. */
export async function sendPackets(host: Host, packets: readonly HostilePacket[]): Promise<number> {
  const argv = [process.execPath, join(import.meta.dirname, 'send-packets.ts'), host.address]
  const input = packets
    .map(({ destination, bytes }) => `${destination} ${Buffer.from(bytes).toString('hex')}\n`)
    .join('')
  return Number(await runOrThrow(inNamespace(host.namespace, argv), { input }))
}

/** Higher than any box of the lab: whoever took one of these packets would give way to it. */
const USURPER = 250

/** One packet for each reason to discard, otherwise right in everything: for an instance of version 2 with a password. */
export function packetsToReject(
  router: RouterConfig,
  victim: Ipv4,
): Readonly<Partial<Record<RejectReason, HostilePacket>>> {
  const other = new Uint8Array(8).fill(0x41)
  const truncated = good(router).slice(0, -1)
  new DataView(truncated.buffer).setUint16(2, truncated.length)
  return {
    ttl: group(changed(good(router), 8, 64)),
    destination: { destination: victim, bytes: good(router, victim) },
    length: group(truncated),
    version: group(good({ ...router, version: 3 })),
    type: group(changed(good(router), 20, 0x22)),
    checksum: group(changed(good(router), 26, (good(router)[26] ?? 0) ^ 0xff)),
    'auth-type': group(good({ ...router, authentication: { kind: 'none' } })),
    'auth-data': group(good({ ...router, authentication: { kind: 'password', password: other } })),
    interval: group(good({ ...router, advertInterval: fromSeconds(5) })),
    vrid: group(good({ ...router, vrid: router.vrid + 1 })),
  }
}

/** What a master sends that lets go, right in everything. */
export const farewell = (router: RouterConfig): HostilePacket => group(good(router, VRRP_GROUP, 0))

/** What a router of a higher priority than any box sends, right in everything. */
export const usurper = (router: RouterConfig, priority: number): HostilePacket =>
  group(good(router, VRRP_GROUP, priority))

/** Nonsense of every length, and adverts of a low priority with some bytes changed. The seed makes them repeatable. */
export function garbage(router: RouterConfig, count: number, seed: number): readonly HostilePacket[] {
  const random = mulberry32(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return Array.from({ length: count }, (_, index) => {
    const bytes = index % 2 === 0 ? packet(router, noise(below, below(120))) : good(router, VRRP_GROUP, 2)
    for (let flips = 1 + below(4); flips > 0 && index % 2 === 1; flips -= 1)
      bytes[20 + below(bytes.length - 20)] = below(256)
    return group(bytes)
  })
}

const noise = (below: (limit: number) => number, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => below(256))

const good = (router: RouterConfig, destination: Ipv4 = VRRP_GROUP, priority = USURPER): Uint8Array =>
  packet(router, encodeMessage(router, priority, { source: router.source, destination }), destination)

const packet = (router: RouterConfig, payload: Uint8Array, destination: Ipv4 = VRRP_GROUP): Uint8Array =>
  encodeIpv4Packet({ source: router.source, destination, identification: 1, payload })

const group = (bytes: Uint8Array): HostilePacket => ({ destination: VRRP_GROUP, bytes })

const changed = (bytes: Uint8Array, offset: number, value: number): Uint8Array => {
  const copy = bytes.slice()
  copy[offset] = value
  return copy
}

/** A small generator with a seed (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
