import { internetChecksum, pseudoHeader } from '../../../src/engine/vrrp/checksum.ts'
import { encodeIpv4Packet } from '../../../src/engine/vrrp/ipv4-header.ts'
import { encodeMessage } from '../../../src/engine/vrrp/message.ts'
import { decodeAdvertPacket, VRRP_GROUP } from '../../../src/engine/vrrp/packet.ts'
import type { RouterConfig } from '../../../src/engine/vrrp/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { HIGHER_ADDRESS } from './setting.ts'

type Crafting = {
  readonly priority?: number
  readonly source?: Ipv4
  readonly destination?: Ipv4
  readonly ttl?: number
  /** Changes the message; the checksum is made right again afterwards. */
  readonly change?: (message: Uint8Array) => Uint8Array
  /** Changes the packet at the very end. */
  readonly spoil?: (packet: Uint8Array) => void
}

/** A packet as another router with the same configuration would send it, but for what is crafted into it. */
export function craft(config: RouterConfig, crafting: Crafting = {}): Uint8Array {
  const { source = HIGHER_ADDRESS, destination = VRRP_GROUP, change = (message) => message } = crafting
  const route = { source, destination }
  const message = change(encodeMessage(config, crafting.priority ?? 100, route))
  if (message.length >= 8) {
    message.set([0, 0], 6)
    const pseudo = config.version === 3 && config.checksum.send === 'pseudo'
    const sum = internetChecksum(
      pseudo ? pseudoHeader(source, destination, message.length) : new Uint8Array(0),
      message,
    )
    message.set([sum >> 8, sum & 0xff], 6)
  }
  const packet = encodeIpv4Packet({ ...route, identification: 1, payload: message })
  packet.set([crafting.ttl ?? 255], 8)
  crafting.spoil?.(packet)
  return packet
}

/** Sets one byte of a message. */
export const byte =
  (offset: number, value: number) =>
  (message: Uint8Array): Uint8Array => {
    message.set([value], offset)
    return message
  }

/** `accepted`, or the reason and the detail of the refusal. */
export function verdict(packet: Uint8Array, config: RouterConfig): { reason: string; detail: string } {
  const decoded = decodeAdvertPacket(packet, (vrid) => (vrid === config.vrid ? config : undefined))
  return decoded.ok ? { reason: 'accepted', detail: '' } : decoded.error
}
