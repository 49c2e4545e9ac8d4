import { type Ipv4, ipv4FromNumber } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { encodeIpv4Packet, type Ipv4Packet, parseIpv4Packet, VRRP_TTL } from './ipv4-header.ts'
import { decodeMessage, encodeMessage, HEADER_LENGTH } from './message.ts'
import type { Advert, Priority, RejectReason, RouterConfig } from './types.ts'

/** 224.0.0.18, where all VRRP routers of a link listen (RFC 9568 5.1.1.2). */
export const VRRP_GROUP: Ipv4 = ipv4FromNumber(0xe0000012)

export type ReceivedAdvert = {
  readonly advert: Advert
  readonly from: Ipv4
  readonly vrid: number
  /** The IPv4 identification field: haup numbers its adverts there, so that they can be acknowledged. */
  readonly id: number
}

/** Why a packet was discarded; `detail` is made of numbers and addresses alone, never of text from the packet. */
export type RejectedPacket = {
  readonly reason: RejectReason
  /** Undefined while the packet was too broken to say. */
  readonly vrid: number | undefined
  readonly from: Ipv4 | undefined
  readonly detail: string
}

/**
 * A whole IPv4 packet for the raw socket. `priority` is the effective one, or 0 to release. The identification (1..65535)
 * is the caller's count. Throws when the configuration cannot be put on the wire, which validation has excluded.
 */
export function encodeAdvertPacket(
  config: RouterConfig,
  priority: Priority,
  identification: number,
): Uint8Array<ArrayBuffer> {
  const route = { source: config.source, destination: VRRP_GROUP }
  return encodeIpv4Packet({ ...route, identification, payload: encodeMessage(config, priority, route) })
}

/**
 * Every check of RFC 9568 7.1 (RFC 3768 7.1) on a received IPv4 packet; never throws. The checks run from "is this for us"
 * over "is it whole" to "do we agree", so that the first that fails is the one that explains most.
 */
export function decodeAdvertPacket(
  bytes: Uint8Array,
  lookup: (vrid: number) => RouterConfig | undefined,
): Result<ReceivedAdvert, RejectedPacket> {
  const parsed = parseIpv4Packet(bytes)
  if (!parsed.ok) return err({ reason: 'ip-header', vrid: undefined, from: undefined, detail: parsed.error })
  const packet = parsed.value
  const from = packet.source
  const vrid = packet.payload[1]
  if (vrid === undefined || packet.payload.length < HEADER_LENGTH) {
    const detail = `${packet.payload.length} bytes are too short for a VRRP message`
    return err({ reason: 'length', vrid: undefined, from, detail })
  }
  const config = vrid === 0 ? undefined : lookup(vrid)
  if (config === undefined) return err({ reason: 'vrid', vrid, from, detail: `VRID ${vrid} is not configured here` })
  const refused = checkEnvelope(packet, config)
  if (refused !== undefined) return err({ ...refused, vrid, from })
  const advert = decodeMessage(packet.payload, config, packet)
  return advert.ok
    ? ok({ advert: advert.value, from, vrid, id: packet.identification })
    : err({ ...advert.error, vrid, from })
}

function checkEnvelope(packet: Ipv4Packet, config: RouterConfig): { reason: RejectReason; detail: string } | undefined {
  if (packet.source === config.source) return { reason: 'own', detail: 'sent from our own address' }
  if (packet.destination !== VRRP_GROUP) {
    return { reason: 'destination', detail: `sent to ${packet.destination} instead of ${VRRP_GROUP}` }
  }
  if (packet.ttl !== VRRP_TTL) {
    return { reason: 'ttl', detail: `TTL ${packet.ttl} instead of ${VRRP_TTL}: it came through a router` }
  }
  return undefined
}
