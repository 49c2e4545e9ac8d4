import { type Ipv4, ipv4ToBytes } from '../../shared/ip.ts'

/** IP protocol number of VRRP. RFC 9568 5.1.1.4 */
export const VRRP_PROTOCOL = 112

/**
 * The Internet checksum (RFC 1071) over the given parts, of which only the last may have an odd length. Over data whose
 * checksum field is filled in and right, the result is 0.
 */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (const [index, byte] of part.entries()) sum += index % 2 === 0 ? byte * 256 : byte
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000)
  return 0xffff - sum
}

/** What VRRPv3 over IPv4 sums in front of the message (RFC 5798 5.2.8 as keepalived and FRR read it). */
export const pseudoHeader = (source: Ipv4, destination: Ipv4, length: number): Uint8Array =>
  Uint8Array.of(...ipv4ToBytes(source), ...ipv4ToBytes(destination), 0, VRRP_PROTOCOL, length >> 8, length & 0xff)
