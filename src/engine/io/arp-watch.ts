import { networkInterfaces } from 'node:os'
import { errnoCode, native } from '../../native/index.ts'
import { isForWantOfDescriptors } from '../../shared/descriptors.ts'
import { messageOf } from '../../shared/errors.ts'
import { type Ipv4, ipv4ToBytes } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { toMillis } from '../../shared/units.ts'
import type { OpenArp } from '../ports.ts'
import { arpProbe, decodeArp, formatMac, type Mac } from '../vrrp/arp.ts'

/** linux/if_arp.h */
const ARPHRD_ETHER = 1
/** As many as the addon takes; a cluster that has more is heard in part. */
const MOST_ADDRESSES = 1_024
/** How long what is known of our own interfaces is good. */
const OWN_FOR_MS = 1_000

/**
 * ARP by one packet socket for all interfaces: it needs none of them to exist, and survives whatever happens to them.
 * Needs CAP_NET_RAW. What came from one of our own interfaces (two of them in one LAN) is not told.
 */
export const openArp: OpenArp = (onHeard) => {
  let stopHearing: (() => void) | undefined
  let sendSocket: number | undefined
  const repeats = new Set<NodeJS.Timeout>()
  const isOwn = createOwn()
  const earAt = createEars()

  const onFrame = (index: number, frame: Uint8Array): void => {
    const packet = decodeArp(frame)
    if (packet === undefined || isOwn(packet.mac)) return
    const ear = attempt('interface', () => earAt(index))
    // An interface that has gone since says nothing any more.
    if (ear.ok) onHeard({ ...ear.value, packet })
  }
  const send = (interfaceName: string, addresses: readonly Ipv4[]): Result<void, string> =>
    attempt(`ARP probe on ${interfaceName}`, () => {
      const { index, hardwareType, hardwareAddress } = native().interfaceByName(interfaceName)
      if (hardwareType !== ARPHRD_ETHER) return
      sendSocket ??= native().openPacketSocket()
      for (const address of addresses) native().sendFrame(sendSocket, index, arpProbe(hardwareAddress, address))
    })

  return {
    listen: (addresses) => {
      const bytes = Uint8Array.from(addresses.slice(0, MOST_ADDRESSES).flatMap((each) => [...ipv4ToBytes(each)]))
      stopHearing?.()
      stopHearing = undefined
      if (bytes.length === 0) return ok(undefined)
      const started = attempt('ARP socket', () => native().watchArp(bytes, onFrame))
      if (started.ok) stopHearing = started.value
      return started.ok ? ok(undefined) : started
    },
    probe: (interfaceName, addresses, again) => {
      const timer = setTimeout(() => {
        repeats.delete(timer)
        send(interfaceName, addresses)
      }, toMillis(again))
      repeats.add(timer)
      return send(interfaceName, addresses)
    },
    close: () => {
      stopHearing?.()
      stopHearing = undefined
      for (const timer of repeats) clearTimeout(timer)
      repeats.clear()
      if (sendSocket !== undefined) native().closeDescriptor(sendSocket)
      sendSocket = undefined
    },
  }
}

/** Whether one of this machine's interfaces has the hardware address. */
function createOwn(): (mac: Mac) => boolean {
  let known = new Set<string>()
  let readAt = Number.NEGATIVE_INFINITY
  return (mac) => {
    if (performance.now() - readAt > OWN_FOR_MS) {
      known = ownMacs() ?? known
      readAt = performance.now()
    }
    return known.has(mac) || mac === NO_MAC
  }
}

/** Undefined when they cannot be read, as for want of descriptors. */
function ownMacs(): Set<string> | undefined {
  try {
    return new Set(Object.values(networkInterfaces()).flatMap((each) => each?.map((address) => address.mac) ?? []))
  } catch (thrown) {
    if (!isForWantOfDescriptors(thrown)) throw thrown
    return undefined
  }
}

type Ear = { readonly interface: string; readonly own: Mac }

/** The interface that heard, by its index. Throws where there is none. */
function createEars(): (index: number) => Ear {
  const known = new Map<number, Ear>()
  let readAt = Number.NEGATIVE_INFINITY
  return (index) => {
    if (performance.now() - readAt > OWN_FOR_MS) {
      known.clear()
      readAt = performance.now()
    }
    const found = known.get(index)
    if (found !== undefined) return found
    const name = native().nameOfInterface(index)
    const ear: Ear = { interface: name, own: formatMac(native().interfaceByName(name).hardwareAddress) }
    known.set(index, ear)
    return ear
  }
}

const NO_MAC = formatMac(new Uint8Array(6))

/** System call errors become values; anything else is a bug and passes through. */
function attempt<T>(subject: string, action: () => T): Result<T, string> {
  try {
    return ok(action())
  } catch (thrown) {
    const code = errnoCode(thrown)
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw thrown
    return err(`${subject}: ${messageOf(thrown)}`)
  }
}
