import { type Ipv4, ipv4FromBytes } from '../../shared/ip.ts'
import { internetChecksum } from '../vrrp/checksum.ts'

/** PURE: ICMP echo. RFC 792 */

const ECHO_REPLY = 0
const ECHO_REQUEST = 8
const HEADER = 8
const PROTOCOL = 1

/** Names one request: 32 bits that the answer carries back in its identifier and sequence number. */
export type EchoId = number

/** `mark` is carried back, too. */
export function echoRequest(id: EchoId, mark: Uint8Array): Uint8Array {
  const packet = new Uint8Array(HEADER + mark.length)
  const view = new DataView(packet.buffer)
  packet[0] = ECHO_REQUEST
  view.setUint32(4, id >>> 0)
  packet.set(mark, HEADER)
  view.setUint16(2, internetChecksum(packet))
  return packet
}

export type EchoReply = { readonly from: Ipv4; readonly id: EchoId; readonly mark: Uint8Array }

/** An IPv4 packet, as a raw socket gives it; undefined for all but a whole echo reply. Never throws. */
export function decodeEchoReply(packet: Uint8Array): EchoReply | undefined {
  const start = ((packet[0] ?? 0) & 0x0f) * 4
  if ((packet[0] ?? 0) >> 4 !== 4 || start < 20 || packet[9] !== PROTOCOL) return undefined
  const icmp = packet.subarray(start)
  if (icmp.length < HEADER || icmp[0] !== ECHO_REPLY || icmp[1] !== 0 || internetChecksum(icmp) !== 0) return undefined
  const id = new DataView(icmp.buffer, icmp.byteOffset, icmp.byteLength).getUint32(4)
  return { from: ipv4FromBytes(packet, 12), id, mark: icmp.subarray(HEADER) }
}
