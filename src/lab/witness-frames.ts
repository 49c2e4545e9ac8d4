import { internetChecksum } from '../engine/vrrp/checksum.ts'
import { type Ipv4, ipv4ToBytes } from '../shared/ip.ts'

/** The frames with which the witness asks the boxes. PURE. */

export type Station = { readonly mac: Uint8Array; readonly address: Ipv4 }

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
const ETHERTYPE_ARP = [0x08, 0x06]
const ETHERTYPE_IPV4 = [0x08, 0x00]
/** Ethernet, IPv4, 6 and 4 bytes, request. RFC 826 */
const ARP_REQUEST = [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01]
const TCP = 6
const TCP_HEADER_LENGTH = 20
/** RFC 9293 3.1 */
const FLAG = { syn: 0x02, reset: 0x04 } as const
/** Sequence number of every SYN; whoever takes the connection expects the next one. */
const SEQUENCE = 1_000

/** "Who has `wanted`?", to everybody, asked as any neighbour asks it. */
export const arpRequest = ({ mac, address }: Station, wanted: Ipv4): Uint8Array =>
  Uint8Array.of(
    ...BROADCAST,
    ...mac,
    ...ETHERTYPE_ARP,
    ...ARP_REQUEST,
    ...mac,
    ...ipv4ToBytes(address),
    ...[0, 0, 0, 0, 0, 0],
    ...ipv4ToBytes(wanted),
  )

export type Knock = {
  readonly from: Station
  readonly fromPort: number
  /** The box that is asked, whoever the neighbours think has the address. */
  readonly toMac: Uint8Array
  readonly to: Ipv4
  readonly toPort: number
}

/** The first packet of a TCP connection. */
export const synFrame = (knock: Knock): Uint8Array => tcpFrame(knock, SEQUENCE, FLAG.syn)

/** Takes the connection of `synFrame` back, before anything has come of it. */
export const resetFrame = (knock: Knock): Uint8Array => tcpFrame(knock, SEQUENCE + 1, FLAG.reset)

function tcpFrame({ from, fromPort, toMac, to, toPort }: Knock, sequence: number, flags: number): Uint8Array {
  const segment = new DataView(new ArrayBuffer(TCP_HEADER_LENGTH))
  segment.setUint16(0, fromPort)
  segment.setUint16(2, toPort)
  segment.setUint32(4, sequence)
  segment.setUint8(12, (TCP_HEADER_LENGTH / 4) << 4)
  segment.setUint8(13, flags)
  segment.setUint16(14, 0xffff)
  const tcp = new Uint8Array(segment.buffer)
  const addresses = Uint8Array.of(...ipv4ToBytes(from.address), ...ipv4ToBytes(to))
  segment.setUint16(16, internetChecksum(addresses, Uint8Array.of(0, TCP, 0, TCP_HEADER_LENGTH), tcp))
  return Uint8Array.of(...toMac, ...from.mac, ...ETHERTYPE_IPV4, ...ipv4Header(addresses), ...tcp)
}

/** `addresses`: source and destination. */
function ipv4Header(addresses: Uint8Array): Uint8Array {
  const fields = [0x45, 0, 0, 20 + TCP_HEADER_LENGTH, 0, 0, 0x40, 0, 64, TCP]
  const sum = internetChecksum(Uint8Array.from(fields), addresses)
  return Uint8Array.of(...fields, sum >> 8, sum & 0xff, ...addresses)
}
