import { createSocket } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { type Neighbour, readNeighbour } from '../../engine/io/neighbours.ts'
import { openVrrpLink } from '../../engine/io/vrrp-socket.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { HeardRouter } from './facts.ts'
import { summarizeHeard } from './overhear.ts'

/** How long to listen: three adverts at the usual interval of one second. */
export const LISTEN_MS = 3_000

/** Routers that advertise on an interface. Undefined: it cannot be listened to (needs root). Sends nothing. */
export async function listenForRouters(
  interfaceName: string,
  source: Ipv4,
  ms: number,
): Promise<HeardRouter[] | undefined> {
  const packets: Uint8Array[] = []
  const link = openVrrpLink(
    { interface: interfaceName, source },
    (packet) => packets.push(packet),
    () => undefined,
  )
  if (!link.ok) return undefined
  await delay(ms)
  link.value.close()
  return summarizeHeard(packets)
}

/** RFC 863, "discard": whoever has the address throws the byte away. What matters is the ARP request before it. */
const DISCARD_PORT = 9
/** The kernel asks three times, a second apart; who is there answers the first one. */
const ANSWER_WITHIN_MS = 1_500
const LOOK_EVERY_MS = 50

/**
 * Makes the kernel ask the LAN who has an address. Undefined: nobody answered. The address must belong to a subnet of
 * this box.
 */
export async function askWhoHas(address: Ipv4): Promise<Neighbour | undefined> {
  const socket = createSocket('udp4')
  try {
    await new Promise<void>((resolve) => socket.send(new Uint8Array(1), DISCARD_PORT, address, () => resolve()))
    return await watchNeighbour(address)
  } finally {
    socket.close()
  }
}

async function watchNeighbour(address: Ipv4): Promise<Neighbour | undefined> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const neighbour = await readNeighbour(address)
    if (neighbour === undefined || neighbour.state === 'failed') return undefined
    if (neighbour.state === 'answered') return neighbour
    // An entry of earlier is asked about only after some seconds (delay_first_probe_time).
    if (waited >= ANSWER_WITHIN_MS) return neighbour.state === 'known' ? neighbour : undefined
    await delay(LOOK_EVERY_MS)
  }
}
