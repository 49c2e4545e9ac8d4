import { errnoCode, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { type Ipv4, ipv4ToBytes } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { OpenVrrpLink } from '../ports.ts'
import { openNetlink } from './netlink.ts'
import { concat, text, u32 } from './netlink-message.ts'
import { openRawIp, type RawIp, type SocketOption } from './raw-ip.ts'
import { decodeLink, NETLINK_ROUTE, RTNLGRP_LINK } from './rtnetlink.ts'

/** RFC 9568 5.1.1.4 */
export const VRRP_PROTOCOL = 112
/** RFC 9568 5.1.1.2 */
const VRRP_GROUP = '224.0.0.18' as Ipv4
const ANY = '0.0.0.0' as Ipv4

// asm-generic/socket.h, linux/in.h
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_PRIORITY = 12
const SO_BINDTODEVICE = 25
const SO_RCVBUFFORCE = 33
const IPPROTO_IP = 0
const IP_HDRINCL = 3
const IP_MULTICAST_IF = 32
const IP_MULTICAST_TTL = 33
const IP_MULTICAST_LOOP = 34
const IP_ADD_MEMBERSHIP = 35

/** Over a thousand adverts may wait while the loop is busy. */
const RECEIVE_BUFFER = 1 << 20
/** linux/pkt_sched.h: adverts leave before bulk traffic. */
const TC_PRIO_CONTROL = 7
const RETRY_MS = 1_000

/**
 * Opens the VRRP socket of one interface (by name). Needs CAP_NET_RAW. The result's error is for people; a missing
 * native part throws the UserError of `native()`.
 *
 * The link survives its interface: when that vanishes or the socket fails, `onError` is told once, `send` answers with
 * an error, and the link opens itself again (with its membership) when the interface is back. `source` stands in the
 * packets; the kernel is not told, so that a source address that is being renewed does not silence a master.
 */
export const openVrrpLink: OpenVrrpLink = ({ interface: name }, onPacket, onError) => {
  let closed = false
  const heal = (): void => {
    if (closed) return
    const before = holder.problem()
    const checked = holder.check()
    if (!checked.ok && checked.error !== before) onError(checked.error)
  }
  const holder = createHolder(name, onPacket, onError)
  const opened = holder.check()
  if (!opened.ok) return opened

  const watch = watchInterface(name, heal)
  const retry = setInterval(() => {
    if (holder.socket() === undefined) heal()
  }, RETRY_MS)
  return ok({
    send: (packet, destination) => {
      const socket = holder.socket()
      const sent = socket?.send(packet, destination) ?? err(holder.problem() ?? `the VRRP socket on ${name} is closed`)
      // The interface may have been replaced without the event having reached us yet.
      if (!sent.ok && socket !== undefined) setImmediate(heal)
      return sent
    },
    close: () => {
      closed = true
      clearInterval(retry)
      watch.close()
      holder.drop(`the VRRP socket on ${name} is closed`)
    },
  })
}

type Holder = {
  readonly socket: () => RawIp | undefined
  /** Why there is no socket. */
  readonly problem: () => string | undefined
  /** Makes sure that the socket is that of the interface which has the name now. */
  readonly check: () => Result<void, string>
  readonly drop: (problem: string) => void
}

function createHolder(
  name: string,
  onPacket: (packet: Uint8Array) => void,
  onFailure: (message: string) => void,
): Holder {
  let current: { readonly socket: RawIp; readonly index: number } | undefined
  let problem: string | undefined

  const drop = (message: string): Result<void, string> => {
    current?.socket.close()
    current = undefined
    problem = message
    return err(message)
  }
  const fail = (message: string): void => {
    drop(`VRRP socket on ${name}: ${message}`)
    onFailure(`VRRP socket on ${name}: ${message}`)
  }
  return {
    socket: () => current?.socket,
    problem: () => problem,
    drop,
    check: () => {
      const index = indexOf(name)
      if (!index.ok) return drop(index.error)
      if (current?.index === index.value) return ok(undefined)
      current?.socket.close()
      const socket = openOn(name, index.value, onPacket, fail)
      if (!socket.ok) return drop(`cannot open the VRRP socket on ${name}: ${socket.error}`)
      current = { socket: socket.value, index: index.value }
      problem = undefined
      return ok(undefined)
    },
  }
}

function openOn(
  name: string,
  index: number,
  onPacket: (packet: Uint8Array) => void,
  onFailure: (message: string) => void,
): Result<RawIp, string> {
  const socketOptions: readonly SocketOption[] = [
    [SOL_SOCKET, SO_BINDTODEVICE, text(name)],
    [IPPROTO_IP, IP_HDRINCL, 1],
    [IPPROTO_IP, IP_MULTICAST_IF, memberRequest(ANY, index)],
    // The packet's own header decides; this is for the day when something is sent without one.
    [IPPROTO_IP, IP_MULTICAST_TTL, 255],
    [IPPROTO_IP, IP_MULTICAST_LOOP, 0],
    [IPPROTO_IP, IP_ADD_MEMBERSHIP, memberRequest(VRRP_GROUP, index)],
  ]
  const optional: readonly SocketOption[] = [
    [SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER],
    // Beyond net.core.rmem_max; needs CAP_NET_ADMIN.
    [SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER],
    [SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL],
  ]
  return openRawIp({ protocol: VRRP_PROTOCOL, socketOptions, optional }, onPacket, onFailure)
}

/** `struct ip_mreqn`: group, local address, interface index. */
const memberRequest = (group: Ipv4, index: number): Uint8Array =>
  concat([ipv4ToBytes(group), ipv4ToBytes(ANY), u32(index)])

function indexOf(name: string): Result<number, string> {
  try {
    return ok(native().interfaceByName(name).index)
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENODEV') return err(`interface ${name} does not exist`)
    if (errnoCode(thrown) === undefined) throw thrown
    return err(`interface ${name}: ${messageOf(thrown)}`)
  }
}

/** Membership and device binding go by index: a re-created interface of the same name needs a new socket. */
function watchInterface(name: string, onChange: () => void): { readonly close: () => void } {
  const opened = openNetlink({
    protocol: NETLINK_ROUTE,
    groups: [RTNLGRP_LINK],
    onEvent: (message) => {
      const event = decodeLink(message)
      if (event?.kind === 'gone' || event?.link.name === name) onChange()
    },
    onLost: onChange,
  })
  // Without events the retry timer and failing sends remain.
  return opened.ok ? opened.value : { close: () => undefined }
}
