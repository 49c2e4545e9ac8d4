import { type Ipv4, ipv4FromBytes, ipv4ToBytes } from '../../shared/ip.ts'

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
const UNKNOWN = new Uint8Array(6)
const NOBODY = '0.0.0.0' as Ipv4
const ETHERTYPE_ARP = [0x08, 0x06]
/** Ethernet, IPv4, 6 and 4 bytes. RFC 826 */
const ETHERNET_IPV4 = [0x00, 0x01, 0x08, 0x00, 6, 4]
const REQUEST = 1
const REPLY = 2
const ETHERNET_HEADER = 14
const FRAME_LENGTH = ETHERNET_HEADER + 28

/** `52:54:00:12:34:56` */
export type Mac = string & { readonly __mac: 6 }

/**
 * The Ethernet frame of one gratuitous ARP, the same bytes that keepalived and FRR send: a broadcast request with the
 * address as sender and target, so that neighbours and switches learn its new place. RFC 9568 6.4.2
 */
export const gratuitousArp = (mac: Uint8Array, address: Ipv4): Uint8Array<ArrayBuffer> =>
  request(mac, ipv4ToBytes(address), BROADCAST, ipv4ToBytes(address))

/** "Does anybody use this address?" in a way that no neighbour learns anything from. RFC 5227 1.1 */
export const arpProbe = (mac: Uint8Array, address: Ipv4): Uint8Array<ArrayBuffer> =>
  request(mac, ipv4ToBytes(NOBODY), UNKNOWN, ipv4ToBytes(address))

/** "Who has this address?" as a kernel asks, of everybody or of one station. RFC 826 */
export const arpRequest = (mac: Uint8Array, own: Ipv4, address: Ipv4): Uint8Array<ArrayBuffer> =>
  request(mac, ipv4ToBytes(own), UNKNOWN, ipv4ToBytes(address))

/** Whose answer to a question of ours this frame is: a reply sent to this hardware address. Undefined for all else. */
export function replyTo(frame: Uint8Array, mac: Uint8Array): Ipv4 | undefined {
  const packet = decodeArp(frame)
  if (packet === undefined || (frame[20] ?? 0) * 256 + (frame[21] ?? 0) !== REPLY) return undefined
  return mac.length === 6 && has(frame, 0, [...mac]) && has(frame, 32, [...mac]) ? packet.address : undefined
}

function request(mac: Uint8Array, sender: Uint8Array, target: Uint8Array, address: Uint8Array) {
  if (mac.length !== 6) throw new RangeError(`a hardware address of ${mac.length} bytes`)
  const frame = new Uint8Array(FRAME_LENGTH)
  frame.set(BROADCAST)
  frame.set(mac, 6)
  frame.set(ETHERTYPE_ARP, 12)
  frame.set(ETHERNET_IPV4, ETHERNET_HEADER)
  frame[21] = REQUEST
  frame.set(mac, 22)
  frame.set(sender, 28)
  frame.set(target, 32)
  frame.set(address, 38)
  return frame
}

export type ArpPacket = {
  /** `claim`: the sender says that the address is its own (request or reply); `announcement`: to everybody, unasked. */
  readonly kind: 'claim' | 'announcement' | 'probe'
  /** Whose it is said to be. */
  readonly mac: Mac
  /** The claimed one, or the one that a probe asks for. */
  readonly address: Ipv4
}

/** What an Ethernet frame with ARP for IPv4 says; undefined for anything else. Never throws. RFC 826, RFC 5227 */
export function decodeArp(frame: Uint8Array): ArpPacket | undefined {
  if (frame.length < FRAME_LENGTH || !has(frame, 12, ETHERTYPE_ARP) || !has(frame, 14, ETHERNET_IPV4)) return undefined
  const operation = (frame[20] ?? 0) * 256 + (frame[21] ?? 0)
  if (operation !== REQUEST && operation !== REPLY) return undefined
  const mac = formatMac(frame.subarray(22, 28))
  const sender = ipv4FromBytes(frame, 28)
  const target = ipv4FromBytes(frame, 38)
  if (sender === NOBODY) {
    return operation === REQUEST && target !== NOBODY ? { kind: 'probe', mac, address: target } : undefined
  }
  return { kind: sender === target ? 'announcement' : 'claim', mac, address: sender }
}

const has = (frame: Uint8Array, offset: number, bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => frame[offset + index] === byte)

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export const formatMac = (bytes: Uint8Array): Mac => Array.from(bytes, (byte) => HEX[byte]).join(':') as Mac
