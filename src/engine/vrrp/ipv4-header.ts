import { type Ipv4, ipv4FromBytes, ipv4ToBytes } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { internetChecksum, VRRP_PROTOCOL } from './checksum.ts'

/** Without options; received headers may be longer. */
const HEADER_LENGTH = 20
/** Adverts are link-local: whoever forwards one lowers this, and it is dropped. RFC 9568 5.1.1.3 */
export const VRRP_TTL = 255
/** Network control, as keepalived sends it. */
const TOS = 0xc0
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff

export type Ipv4Packet = {
  readonly source: Ipv4
  readonly destination: Ipv4
  readonly ttl: number
  readonly identification: number
  /** What follows the header, without the padding that Ethernet appends to short frames. */
  readonly payload: Uint8Array
}

/**
 * A whole VRRP packet: TTL 255, TOS 0xc0, fragmentation allowed but never needed, own header checksum. `identification`
 * is 1..65535: with IP_HDRINCL the kernel would replace a 0.
 */
export function encodeIpv4Packet(packet: Omit<Ipv4Packet, 'ttl'>): Uint8Array<ArrayBuffer> {
  const { identification, payload } = packet
  if (!Number.isInteger(identification) || identification < 1 || identification > 0xffff) {
    throw new RangeError(`IPv4 identification ${identification} is not in 1..65535`)
  }
  const bytes = new Uint8Array(HEADER_LENGTH + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x45)
  view.setUint8(1, TOS)
  view.setUint16(2, bytes.length)
  view.setUint16(4, identification)
  view.setUint8(8, VRRP_TTL)
  view.setUint8(9, VRRP_PROTOCOL)
  bytes.set(ipv4ToBytes(packet.source), 12)
  bytes.set(ipv4ToBytes(packet.destination), 16)
  view.setUint16(10, internetChecksum(bytes.subarray(0, HEADER_LENGTH)))
  bytes.set(payload, HEADER_LENGTH)
  return bytes
}

/**
 * Takes a received VRRP packet apart; the error says what is wrong with the header. The kernel has verified the header
 * checksum before a raw socket sees the packet, and reassembled fragments.
 */
export function parseIpv4Packet(bytes: Uint8Array): Result<Ipv4Packet, string> {
  if (bytes.length < HEADER_LENGTH) return err(`${bytes.length} bytes are too short for an IPv4 header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(0) >> 4
  const headerLength = (view.getUint8(0) & 0x0f) * 4
  const totalLength = view.getUint16(2)
  const protocol = view.getUint8(9)
  if (version !== 4) return err(`IP version ${version} instead of 4`)
  if (headerLength < HEADER_LENGTH) return err(`IPv4 header length ${headerLength} is below 20`)
  if (totalLength < headerLength) return err(`IPv4 total length ${totalLength} is below the header's ${headerLength}`)
  if (totalLength > bytes.length) return err(`IPv4 total length ${totalLength}, but ${bytes.length} bytes received`)
  if ((view.getUint16(6) & MORE_FRAGMENTS_OR_OFFSET) !== 0) return err('a fragment of an IPv4 packet')
  if (protocol !== VRRP_PROTOCOL) return err(`IP protocol ${protocol} instead of 112`)
  return ok({
    source: ipv4FromBytes(bytes, 12),
    destination: ipv4FromBytes(bytes, 16),
    ttl: view.getUint8(8),
    identification: view.getUint16(4),
    payload: bytes.subarray(headerLength, totalLength),
  })
}
