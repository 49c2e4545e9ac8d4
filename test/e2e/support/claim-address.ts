import { gratuitousArp } from '../../../src/engine/vrrp/arp.ts'
import { INTERFACE } from '../../../src/lab/topology.ts'
import { native } from '../../../src/native/index.ts'
import { parseIpv4 } from '../../../src/shared/ip.ts'

/** A program of its own, run inside a namespace: claims an address by gratuitous ARP, COUNT times, EVERY milliseconds. */
const [, , text = '', count = '', every = ''] = process.argv
const address = parseIpv4(text)
if (!address.ok) throw new Error(address.error)
const { index, hardwareAddress } = native().interfaceByName(INTERFACE)
const socket = native().openPacketSocket()
const claim = (left: number): void => {
  native().sendFrame(socket, index, gratuitousArp(hardwareAddress, address.value))
  if (left > 1) setTimeout(claim, Number(every), left - 1)
}
claim(Number(count))
