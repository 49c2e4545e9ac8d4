import { internetChecksum } from '../../../src/engine/vrrp/checksum.ts'
import { encodeIpv4Packet } from '../../../src/engine/vrrp/ipv4-header.ts'
import { encodeMessage } from '../../../src/engine/vrrp/message.ts'
import { VRRP_GROUP } from '../../../src/engine/vrrp/packet.ts'
import type { RouterConfig } from '../../../src/engine/vrrp/types.ts'
import { type Ipv4, ipv4ToBytes, parseIpv4 } from '../../../src/shared/ip.ts'
import { fromMillis, ZERO } from '../../../src/shared/units.ts'
import { VIP } from './config.ts'

/** Whole Ethernet frames that nobody has asked for. */

export type Mac = readonly number[]

export const STRANGER: Mac = [0x02, 0x66, 0x6f, 0x72, 0x67, 0x65]
export const EVERYBODY: Mac = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const VRRP_MAC: Mac = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x12]
const IPV4 = [0x08, 0x00]
const ARP = [0x08, 0x06]
const UDP = 17
const TCP = 6
const SYN = 0x02

export const ip = (text: string): Ipv4 => {
  const parsed = parseIpv4(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

export const macOf = (text: string): Mac => text.split(':').map((byte) => Number.parseInt(byte, 16))

/** What differs from a right advert of the lab's instance; everything else passes each check of a receiver. */
export type ForgedAdvert = {
  /** Whose it claims to be. */
  readonly source: string
  readonly priority?: number
  readonly intervalMs?: number
  readonly vrid?: number
  readonly version?: 2 | 3
  readonly addresses?: readonly string[]
  readonly fromMac?: Mac
}

export function advertFrame(forged: ForgedAdvert): Uint8Array {
  const { priority = 255, fromMac = STRANGER } = forged
  const router = routerOf(forged)
  const payload = encodeMessage(router, priority, { source: router.source, destination: VRRP_GROUP })
  const packet = encodeIpv4Packet({ source: router.source, destination: VRRP_GROUP, identification: 1, payload })
  return Uint8Array.of(...VRRP_MAC, ...fromMac, ...IPV4, ...packet)
}

const routerOf = ({
  source,
  intervalMs = 1_000,
  vrid = 77,
  version = 3,
  addresses = [VIP],
}: ForgedAdvert): RouterConfig => ({
  version,
  vrid,
  source: ip(source),
  advertInterval: fromMillis(intervalMs),
  learns: { shortest: fromMillis(intervalMs), longest: fromMillis(intervalMs) },
  preempt: true,
  preemptDelay: ZERO,
  addresses: addresses.map(ip),
  authentication: { kind: 'none' },
  checksum: { send: 'pseudo', accept: 'pseudo' },
  announceAt: [],
  announceRefresh: ZERO,
})

/** "`address` is at `fromMac`", as an answer (2) or as a question about itself (1). */
export const arpFrame = (address: string, operation: 1 | 2, fromMac: Mac = STRANGER): Uint8Array =>
  Uint8Array.of(
    ...[...EVERYBODY, ...fromMac, ...ARP, 0, 1, 8, 0, 6, 4, 0, operation],
    ...[...fromMac, ...ipv4ToBytes(ip(address)), ...EVERYBODY, ...ipv4ToBytes(ip(address))],
  )

export type Route = { readonly from: string; readonly to: string; readonly toMac: Mac; readonly port: number }

export function udpFrame({ from, to, toMac, port }: Route, payload: Uint8Array): Uint8Array {
  const length = 8 + payload.length
  // Without a checksum, which IPv4 allows.
  const datagram = [...word(40_000), ...word(port), ...word(length), ...word(0), ...payload]
  return ethernet(toMac, ipv4(UDP, from, to, datagram))
}

export function synFrame({ from, to, toMac, port }: Route, fromPort: number): Uint8Array {
  const segment = [...word(fromPort), ...word(port), 0, 0, 0, 1, 0, 0, 0, 0, 0x50, SYN, 0xff, 0xff, 0, 0, 0, 0]
  const pseudo = [...ipv4ToBytes(ip(from)), ...ipv4ToBytes(ip(to)), 0, TCP, 0, segment.length]
  const sum = internetChecksum(Uint8Array.from(pseudo), Uint8Array.from(segment))
  segment.splice(16, 2, ...word(sum))
  return ethernet(toMac, ipv4(TCP, from, to, segment))
}

const ethernet = (toMac: Mac, packet: readonly number[]): Uint8Array =>
  Uint8Array.of(...toMac, ...STRANGER, ...IPV4, ...packet)

function ipv4(protocol: number, from: string, to: string, payload: readonly number[]): readonly number[] {
  const fields = [0x45, 0, ...word(20 + payload.length), 0, 1, 0x40, 0, 64, protocol]
  const addresses = [...ipv4ToBytes(ip(from)), ...ipv4ToBytes(ip(to))]
  return [
    ...fields,
    ...word(internetChecksum(Uint8Array.from(fields), Uint8Array.from(addresses))),
    ...addresses,
    ...payload,
  ]
}

const word = (value: number): readonly [number, number] => [value >> 8, value & 0xff]
