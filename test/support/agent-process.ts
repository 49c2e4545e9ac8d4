import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createAnnounce } from '../../src/engine/io/announce.ts'
import { openArp } from '../../src/engine/io/arp-watch.ts'
import { listInterfaces, watchLinks } from '../../src/engine/io/links.ts'
import { openVrrpLink } from '../../src/engine/io/vrrp-socket.ts'
import type { AddressWatch, BoundAddress, SeenAddress, VrrpLink } from '../../src/engine/ports.ts'
import { createAddressPort } from '../../src/engine/vip/addresses.ts'
import { watchAddresses } from '../../src/engine/vip/watch.ts'
import { native } from '../../src/native/index.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { Micros } from '../../src/shared/units.ts'
import { type Methods, say, serveAgent } from './agent-loop.ts'

const addresses = createAddressPort()
const links = new Map<string, VrrpLink>()
const arp = openArp(({ packet, ...where }) => say({ event: 'arp', ...where, ...packet }))
let watch: AddressWatch | undefined

const methods: Methods = {
  apply: addresses.apply,
  renew: addresses.renew,
  check: addresses.check,
  missing: addresses.missing,
  others: addresses.others,
  withhold: addresses.withhold,
  cleanup: addresses.cleanup,
  interfaces: listInterfaces,
  announce: createAnnounce(),
  listen: (...wanted: Ipv4[]) => arp.listen(wanted),
  probe: (name: string, wanted: Ipv4[], again: Micros) => arp.probe(name, wanted, again),
  deafen: arp.close,
  /** Hands the interface a frame, as it stands in hex. */
  transmit: (name: string, frame: string) => {
    const socket = native().openPacketSocket()
    native().sendFrame(socket, native().interfaceByName(name).index, Buffer.from(frame, 'hex'))
    native().closeDescriptor(socket)
  },
  open: (name: string, source: Ipv4) => {
    const opened = openVrrpLink(
      { interface: name, source },
      // A promise in between: the callback must run where promises go on.
      (packet) => void Promise.resolve().then(() => say({ event: 'packet', interface: name, hex: hex(packet) })),
      (message) => say({ event: 'link-error', interface: name, message }),
    )
    if (opened.ok) links.set(name, opened.value)
    return opened.ok ? { ok: true } : opened
  },
  send: (name: string, packet: string, destination: Ipv4) =>
    links.get(name)?.send(Buffer.from(packet, 'hex'), destination),
  close: (name: string) => links.get(name)?.close(),
  /** Resolves when the link sends again: an empty packet of protocol 253 (for experiments, RFC 3692) passes. */
  reopened: async (name: string) => {
    for (let waited = 0; links.get(name)?.send(EXPERIMENT, '224.0.0.18' as Ipv4).ok !== true; waited += 5) {
      if (waited > 5_000) throw new Error(`the link on ${name} does not open again`)
      await setTimeout(5)
    }
  },
  watch: async (...names: string[]) => {
    await watchLinks(names, (state) => say({ event: 'link', ...state }))
  },
  watchAddresses: async () => {
    watch = await watchAddresses(
      (seen) => say({ event: 'addresses', seen: seen.map((each) => describeSeen(each)) }),
      (message) => say({ event: 'trouble', message }),
    )
  },
  whoRemoved: (address: BoundAddress) => watch?.whoRemoved(address),
  /** Shared objects mapped into this process that came as Node addons. */
  addons: () => [...new Set(readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\.node$/gm))],
  /** Sockets that a child of this process inherits, beside its standard streams. */
  inherited: () =>
    execFileSync('find', ['/proc/self/fd', '-type', 'l', '-printf', '%f %l\n'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => /^([3-9]|\d\d+) socket:/.test(line)),
}

const describeSeen = ({ interface: name, address, ours }: SeenAddress): string =>
  `${address.address}/${address.length} ${name}${ours ? ' ours' : ''}`

const EXPERIMENT = Buffer.from('45000014000100 0001fd0000c000020be0000012'.replace(' ', ''), 'hex')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

await serveAgent(methods)
