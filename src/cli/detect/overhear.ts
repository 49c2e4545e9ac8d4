import { parseIpv4Packet } from '../../engine/vrrp/ipv4-header.ts'
import { ipv4FromBytes } from '../../shared/ip.ts'
import type { HeardRouter } from './facts.ts'

/** RFC 9568 5.2, RFC 3768 5.1: fixed part of a message, before its addresses. */
const HEADER_LENGTH = 8

/**
 * One advert as anybody on the LAN may read it, without a configuration to compare it with. Undefined: not VRRP for IPv4.
 * PURE.
 */
export function interpretAdvert(packet: Uint8Array): HeardRouter | undefined {
  const parsed = parseIpv4Packet(packet)
  if (!parsed.ok) return undefined
  const { source, payload } = parsed.value
  const [first = 0, vrid = 0, priority = 0, count = 0] = payload
  const version = first >> 4
  const isAdvert = (first & 0x0f) === 1 && (version === 2 || version === 3)
  if (!isAdvert || vrid === 0 || payload.length < HEADER_LENGTH + count * 4) return undefined
  const addresses = Array.from({ length: count }, (_, index) => ipv4FromBytes(payload, HEADER_LENGTH + index * 4))
  return { from: source, vrid, version, priority, addresses }
}

/** The last advert of each router and VRID, by VRID. */
export function summarizeHeard(packets: readonly Uint8Array[]): HeardRouter[] {
  const routers = new Map<string, HeardRouter>()
  for (const packet of packets) {
    const heard = interpretAdvert(packet)
    if (heard !== undefined) routers.set(`${heard.vrid} ${heard.from}`, heard)
  }
  return [...routers.values()].toSorted((a, b) => a.vrid - b.vrid)
}
