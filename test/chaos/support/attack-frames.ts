import {
  advertFrame,
  arpFrame,
  EVERYBODY,
  type ForgedAdvert,
  type Mac,
  STRANGER,
  synFrame,
  udpFrame,
} from '../../e2e/support/frames.ts'
import { createRandom, type Random } from '../../sim/random.ts'

/** What the attacker sends. PURE: the seed makes it repeatable. */

export type Target = { readonly address: string; readonly mac: Mac }

/** Addresses of the lab, by what an attack on them means. */
export type Field = {
  readonly nodes: readonly Target[]
  readonly virtual: string
  /** Hosts of the LAN that serve nobody here. */
  readonly bystanders: readonly string[]
  readonly seed: number
}

const NOBODY = '192.0.2.99'
const PRIORITIES = [0, 1, 2, 50, 99, 100, 101, 149, 150, 151, 200, 254, 255]
const INTERVALS = [10, 100, 250, 900, 990, 1_010, 3_000, 10_000, 40_950]
const VRIDS = [1, 76, 78, 255]
const ADDRESSES = [['192.0.2.101'], ['192.0.2.100', '192.0.2.101'], ['0.0.0.0'], ['255.255.255.255']]
const TTLS = [0, 1, 64, 254]
const [TTL_AT, IP_CHECKSUM_AT, VRRP_CHECKSUM_AT, VRRP_TYPE_AT] = [22, 24, 40, 34] as const

/** Adverts that lie in each of their fields, in whoever's name. */
export function forgedAdverts({ nodes, virtual, bystanders, seed }: Field): readonly Uint8Array[] {
  const names = [NOBODY, ...nodes.map(({ address }) => address)]
  const sources = [...names, virtual, ...bystanders, '0.0.0.0', '224.0.0.18', '255.255.255.255']
  const extremes = names.flatMap((source) => [0, 255].map((priority) => ({ source, priority })))
  const lies: readonly ForgedAdvert[] = [
    ...sources.flatMap((source) => PRIORITIES.map((priority) => ({ source, priority }))),
    ...extremes.flatMap((base) => [
      ...INTERVALS.map((intervalMs) => ({ ...base, intervalMs })),
      ...VRIDS.map((vrid) => ({ ...base, vrid })),
      ...ADDRESSES.map((addresses) => ({ ...base, addresses })),
      { ...base, version: 2 as const },
    ]),
  ]
  const broken = extremes.flatMap((base) => [
    ...TTLS.map((ttl) => withTtl(advertFrame(base), ttl)),
    changed(advertFrame(base), VRRP_CHECKSUM_AT, 0xff),
    changed(advertFrame(base), VRRP_TYPE_AT, 0x3f),
  ])
  return shuffled([...lies.map(advertFrame), ...broken], createRandom(seed))
}

/** The header's checksum goes along (RFC 1624): else the kernel would drop it, and nobody would hear it. */
function withTtl(frame: Uint8Array, ttl: number): Uint8Array {
  const copy = frame.slice()
  const view = new DataView(copy.buffer)
  const sum = 0xffff - view.getUint16(IP_CHECKSUM_AT) - ((copy[TTL_AT] ?? 0) << 8) + (ttl << 8)
  copy[TTL_AT] = ttl
  view.setUint16(IP_CHECKSUM_AT, 0xffff - ((sum + 0xffff) % 0xffff))
  return copy
}

const changed = (frame: Uint8Array, offset: number, flip: number): Uint8Array => {
  const copy = frame.slice()
  copy[offset] = (copy[offset] ?? 0) ^ flip
  return copy
}

/** "It is me", as answers and as announcements, for each of the addresses. */
export const forgedArp = (addresses: readonly string[]): readonly Uint8Array[] =>
  addresses.flatMap((address) => [arpFrame(address, 1), arpFrame(address, 2)])

const FLOOD_FRAMES = 500
const CHANNEL_PORT = 7112

/** Datagrams of every length up to the largest that fits, in each node's name and in nobody's. */
export function datagrams({ nodes, seed }: Field): readonly Uint8Array[] {
  const random = createRandom(seed)
  const names = [NOBODY, ...nodes.map(({ address }) => address)]
  return Array.from({ length: FLOOD_FRAMES }, (_, index) => {
    const to = nodes[index % nodes.length]
    if (to === undefined) throw new Error('nobody to flood')
    const route = { from: names[index % names.length] ?? NOBODY, to: to.address, toMac: to.mac, port: CHANNEL_PORT }
    return udpFrame(
      route,
      Uint8Array.from({ length: random.between(0, 1_400) }, () => random.between(0, 255)),
    )
  })
}

/** Connections that are never completed. */
export const halfConnections = ({ nodes, bystanders }: Field): readonly Uint8Array[] =>
  Array.from({ length: FLOOD_FRAMES }, (_, index) => {
    const to = nodes[index % nodes.length]
    if (to === undefined) throw new Error('nobody to flood')
    const names = [NOBODY, ...bystanders, ...nodes.map(({ address }) => address)]
    const from = names[index % names.length] ?? NOBODY
    return synFrame({ from, to: to.address, toMac: to.mac, port: CHANNEL_PORT }, 1_024 + index)
  })

/** As recorded, but from the attacker's own port: with another's hardware address it would take any host off the LAN. */
export const replayed = (frames: readonly Uint8Array[]): readonly Uint8Array[] =>
  frames.map((frame) => {
    const copy = frame.slice()
    copy.set(STRANGER, EVERYBODY.length)
    return copy
  })

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
