import type { EnginePorts } from '../../../src/engine/engine.ts'
import { createSilence } from '../../../src/engine/io/received.ts'
import { splitReport } from '../../../src/engine/peer/message.ts'
import type { LanReach } from '../../../src/engine/peer/types.ts'
import type { LanAnswer } from '../../../src/engine/peer/witness.ts'
import type {
  ArpHeard,
  LinkState,
  OpenArp,
  OpenPeerChannel,
  OpenVrrpLink,
  SeenAddress,
} from '../../../src/engine/ports.ts'
import type { ArpPacket, Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { err, ok } from '../../../src/shared/result.ts'
import { fromMillis, type Micros } from '../../../src/shared/units.ts'
import { createTalk, type Datagram, type Talk } from './talk.ts'

/** What one life of an engine hears of the world, and how it speaks: sockets that end with it. */
export type Senses = {
  readonly hearPacket: (packet: Uint8Array) => void
  readonly hearArp: (packets: readonly ArpPacket[]) => void
  readonly hear: (from: string, path: string, datagram: Datagram) => void
  readonly hearLink: (link: LinkState) => void
  readonly hearAddresses: (seen: readonly SeenAddress[]) => void
  readonly ports: Omit<EnginePorts, 'clock' | 'addresses' | 'gate' | 'peer' | 'drained' | 'log' | 'onBug'> & {
    readonly openPeerChannel: OpenPeerChannel
  }
}

export type SensesOptions = {
  readonly id: string
  readonly mac: Mac
  readonly hearsArp: boolean
  readonly now: () => Micros
  readonly link: () => LinkState
  readonly seen: () => readonly SeenAddress[]
  readonly isHealthy: () => boolean
  readonly sendAdvert: (packet: Uint8Array) => void
  readonly sendArp: (packets: readonly ArpPacket[]) => void
  readonly later: (delay: Micros, run: () => void) => void
  readonly transmit: (node: string, datagram: Datagram) => void
  readonly onSay: (nodes: number) => void
}

export function createSenses(options: SensesOptions): Senses {
  const { mac, hearsArp, now, link, seen, later } = options
  let onPacket: ((packet: Uint8Array) => void) | undefined
  let onArp: ((heard: ArpHeard) => void) | undefined
  let listening = new Set<Ipv4>()
  let onLink: ((state: LinkState) => void) | undefined
  let onAddresses: ((seen: readonly SeenAddress[]) => void) | undefined
  const talks = new Map<string, Talk>()

  const openVrrpLink: OpenVrrpLink = (_, heard) => {
    onPacket = heard
    return ok({
      send: (packet) => ok(options.sendAdvert(packet)),
      close: () => {
        onPacket = undefined
      },
    })
  }
  const openArp: OpenArp = (heard) => {
    onArp = heard
    return {
      listen: (addresses) => {
        if (!hearsArp) return err('ARP is not heard here')
        listening = new Set(addresses)
        return ok(undefined)
      },
      probe: (_, addresses, again) => {
        if (!hearsArp) return ok(undefined)
        const ask = (): void => options.sendArp(addresses.map((address) => ({ kind: 'probe', mac, address })))
        ask()
        later(again, ask)
        return ok(undefined)
      },
      close: () => {
        onArp = undefined
      },
    }
  }
  const openPeerChannel: OpenPeerChannel = ({ peers }, handlers) => {
    for (const { node } of peers) {
      const talk = createTalk(options.id, {
        now,
        transmit: (datagram) => options.transmit(node, datagram),
        onUnproven: () => handlers.onUnproven(node),
        onPath: (path) => handlers.onPath(node, path),
        onMet: () => handlers.onMet?.(node),
        onHeard: (heard) => handlers.onHeard({ node, ...heard }),
      })
      talks.set(node, talk)
    }
    return {
      say: (nodes, report) => {
        options.onSay(nodes.length)
        for (const part of splitReport(report)) for (const node of nodes) talks.get(node)?.say(part)
      },
      follow: () => undefined,
      paths: () => [],
      counters: () => ({ sent: 0, received: 0, send_errors: 0, rejected: {} }),
      close: () => talks.clear(),
    }
  }
  const soon = <T>(value: () => T): Promise<T> => {
    const { promise, resolve } = Promise.withResolvers<T>()
    later(fromMillis(1), () => resolve(value()))
    return promise
  }
  return {
    hearPacket: (packet) => onPacket?.(packet),
    hearArp: (packets) => {
      for (const packet of packets) {
        if (listening.has(packet.address)) onArp?.({ interface: 'eth0', own: mac, packet })
      }
    },
    hear: (from, path, datagram) => talks.get(from)?.hear(path, datagram),
    hearLink: (state) => onLink?.(state),
    hearAddresses: (all) => onAddresses?.(all),
    ports: {
      openVrrpLink,
      openArp,
      openPeerChannel,
      announce: (_, addresses) =>
        ok(options.sendArp(addresses.map((address) => ({ kind: 'announcement', mac, address })))),
      watchLinks: async (_, onChange) => {
        onLink = onChange
        onChange(link())
        return { close: () => undefined }
      },
      watchAddresses: async (onChange) => {
        onAddresses = onChange
        onChange(seen())
        return { whoRemoved: async () => undefined, originOf: async () => null, close: () => undefined }
      },
      services: {
        probe: () =>
          soon(() => {
            const good = options.isHealthy()
            return [{ probe: 'tcp', ok: good, detail: good ? 'open' : 'refused', took: fromMillis(1) }]
          }),
        testConfig: () => Promise.reject(new Error('no service of the simulation has a test')),
        restart: () => Promise.reject(new Error('no service of the simulation is restarted')),
        watch: () => undefined,
      },
    },
  }
}

/** By the clock of the box, in milliseconds; as src/engine/io/reach.ts has it. */
const DEAF_AFTER_MS = 500

/** What a box finds when it asks its LAN: one that is deaf to it finds nobody, where there is somebody to ask. */
export function createEar(world: { linked: boolean; deaf: Deafness; reach: LanReach; received: number }) {
  const silence = createSilence(() => world.received)
  return {
    asks: (now: Micros): void => void silence.lasts('eth0', now / 1_000),
    finds: (now: Micros): LanAnswer => {
      if (!world.linked) return 'down'
      if (world.reach === 'unknown') return silence.isWhole('eth0', DEAF_AFTER_MS) ? 'silent' : 'unknown'
      if (world.deaf === undefined || world.reach !== 'reached') return world.reach
      return silence.lasts('eth0', now / 1_000) >= DEAF_AFTER_MS ? 'deaf' : 'dark'
    },
  }
}

/** What of its LAN is lost to a box: what comes in, or all. */
export type Deafness = 'in' | 'both' | undefined
