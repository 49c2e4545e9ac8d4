import { type Ipv4, ipv4ToBytes } from '../../shared/ip.ts'

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
const ETHERTYPE_ARP = [0x08, 0x06]
/** Ethernet, IPv4, 6 and 4 bytes, request. RFC 826 */
const ARP_REQUEST = [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01]

/**
 * The Ethernet frame of one gratuitous ARP, the same bytes that keepalived and FRR send: a broadcast request with the
 * address as sender and target, so that neighbours and switches learn its new place. RFC 9568 6.4.2
 */
export function gratuitousArp(mac: Uint8Array, address: Ipv4): Uint8Array<ArrayBuffer> {
  if (mac.length !== 6) throw new RangeError(`a hardware address of ${mac.length} bytes`)
  const ip = ipv4ToBytes(address)
  return Uint8Array.of(...BROADCAST, ...mac, ...ETHERTYPE_ARP, ...ARP_REQUEST, ...mac, ...ip, ...BROADCAST, ...ip)
}
