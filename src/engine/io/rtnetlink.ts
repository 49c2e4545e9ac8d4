import { type Ipv4Prefix, ipv4FromBytes, ipv4ToBytes } from '../../shared/ip.ts'
import {
  attribute,
  concat,
  decodeAttributes,
  getS32,
  getText,
  getU32,
  type NetlinkMessage,
  type NetlinkRequest,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  nested,
  text,
  u32,
} from './netlink-message.ts'

/**
 * PURE: the few rtnetlink messages haup speaks (rtnetlink(7), linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h).
 * Decoders answer undefined for a message of another kind or of wrong shape.
 */

export const NETLINK_ROUTE = 0
export const RTNLGRP_LINK = 1
export const RTNLGRP_IPV4_IFADDR = 5

const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const RTM_GETLINK = 18
const RTM_SETLINK = 19
const RTM_NEWADDR = 20
const RTM_DELADDR = 21
const RTM_GETADDR = 22

const AF_UNSPEC = 0
const AF_INET = 2

const IFF_UP = 0x1
const IFF_RUNNING = 0x40
const IFF_LOWER_UP = 0x10000

const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const IFLA_MASTER = 10
const IFLA_AF_SPEC = 26
const IFLA_INET_CONF = 1
const IPV4_DEVCONF_PROMOTE_SECONDARIES = 20

const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFA_LABEL = 3
const IFA_CACHEINFO = 6
const IFA_FLAGS = 8
/** Who made the address, one byte, free for user space to choose; Linux 5.18 and later. */
const IFA_PROTO = 11

export const IFA_F_SECONDARY = 0x1
export const IFA_F_NOPREFIXROUTE = 0x200
const IFA_F_MCAUTOJOIN = 0x400

export type KernelLink = {
  readonly index: number
  readonly name: string
  /** `52:54:00:12:34:56`; undefined for interfaces without one. */
  readonly hardwareAddress: string | undefined
  /** Administratively up. */
  readonly enabled: boolean
  /** With carrier, and operational (IFF_RUNNING; not so while 802.1X holds it dormant). */
  readonly carrier: boolean
  readonly running: boolean
  /** The interface that this one is a port or slave of: a bridge, a bond; undefined: of none. */
  readonly master?: number
}

export type LinkEvent =
  | { readonly kind: 'present'; readonly link: KernelLink }
  | { readonly kind: 'gone'; readonly index: number }

export type KernelAddress = {
  readonly interfaceIndex: number
  readonly address: Ipv4Prefix
  /** The kernel's default label is the interface's name. */
  readonly label: string
  /** IFA_PROTO; 0 when none was given, or the kernel does not keep it. */
  readonly protocol: number
  readonly secondary: boolean
}

export const dumpLinks = (): NetlinkRequest => ({
  type: RTM_GETLINK,
  flags: NLM_F_REQUEST | NLM_F_DUMP,
  payload: linkHeader(0),
})

export const dumpAddresses = (): NetlinkRequest => ({
  type: RTM_GETADDR,
  flags: NLM_F_REQUEST | NLM_F_DUMP,
  payload: addressHeader(0, 0, 0),
})

/** Without EXCL an existing address would have its lifetimes changed; with it the reply is EEXIST. */
export const addAddress = (
  address: Pick<KernelAddress, 'interfaceIndex' | 'address' | 'protocol'> & { readonly label: string | undefined },
  flags: number,
): NetlinkRequest => ({
  type: RTM_NEWADDR,
  flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
  payload: concat([
    addressHeader(address.address.length, 0, address.interfaceIndex),
    attribute(IFA_LOCAL, ipv4ToBytes(address.address.address)),
    attribute(IFA_ADDRESS, ipv4ToBytes(address.address.address)),
    ...(address.label === undefined ? [] : [attribute(IFA_LABEL, text(address.label))]),
    attribute(IFA_FLAGS, u32(flags)),
    attribute(IFA_PROTO, Uint8Array.of(address.protocol)),
  ]),
})

/** INFINITY_LIFE_TIME (net/addrconf.h): does not expire. */
export const FOREVER = 0xffff_ffff

/**
 * Lets an existing address expire after `seconds` (struct ifa_cacheinfo: preferred, valid, created, updated). The kernel looks
 * once a second at most, so that it may live a second and some longer.
 */
export const limitAddress = (address: AddressKey, seconds: number): NetlinkRequest =>
  changeAddress(address, [attribute(IFA_CACHEINFO, concat([u32(seconds), u32(seconds), u32(0), u32(0)]))])

/** Sets the protocol of an address that exists and makes it last; its label and the rest stay. */
export const markAddress = (address: AddressKey): NetlinkRequest => changeAddress(address, [])

type AddressKey = Pick<KernelAddress, 'interfaceIndex' | 'address' | 'protocol'>

/**
 * Changes an address in its place, and nothing when it is not there: then the reply is EINVAL. For IPv4 the lack of
 * NLM_F_CREATE does not keep the kernel from creating one (net/ipv4/devinet.c, inet_rtm_newaddr). IFA_F_MCAUTOJOIN does: for a
 * new address it stands for joining a multicast group, which a host's address is not, and for one that exists for nothing.
 */
const changeAddress = (
  { interfaceIndex, address, protocol }: AddressKey,
  attributes: readonly Uint8Array[],
): NetlinkRequest => ({
  type: RTM_NEWADDR,
  flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE,
  payload: concat([
    addressHeader(address.length, 0, interfaceIndex),
    attribute(IFA_LOCAL, ipv4ToBytes(address.address)),
    attribute(IFA_ADDRESS, ipv4ToBytes(address.address)),
    attribute(IFA_FLAGS, u32(IFA_F_MCAUTOJOIN)),
    attribute(IFA_PROTO, Uint8Array.of(protocol)),
    ...attributes,
  ]),
})

/** Flags that the kernel sets by itself (IFA_F_SECONDARY, DADFAILED, DEPRECATED, TENTATIVE, PERMANENT). */
const IFA_F_OF_THE_KERNEL = 0x01 | 0x08 | 0x20 | 0x40 | 0x80

/** Of the payload of a message about an address. */
export const interfaceOf = (payload: Uint8Array): number => (payload.length < 8 ? 0 : getU32(payload, 4))

/**
 * Sets an address anew as a dump has described it `secondsAgo`, with every attribute that the kernel told, on this interface.
 * Undefined when it would have expired since, or is none.
 */
export function restoreAddress(
  described: Uint8Array,
  interfaceIndex: number,
  secondsAgo: number,
): NetlinkRequest | undefined {
  const attributes = described.length < 8 ? undefined : decodeAttributes(described.subarray(8))
  if (attributes === undefined) return undefined
  const cache = attributes.get(IFA_CACHEINFO)
  const left = (offset: number): number => {
    const seconds = cache === undefined || cache.length < 8 ? FOREVER : getU32(cache, offset)
    return seconds === FOREVER ? FOREVER : Math.max(0, seconds - secondsAgo)
  }
  const [preferred, valid] = [left(0), left(4)]
  if (valid === 0) return undefined
  const flags = attributes.get(IFA_FLAGS)
  const own = flags?.length === 4 ? getU32(flags, 0) & ~IFA_F_OF_THE_KERNEL : 0
  const kept = [...attributes].filter(([type]) => type !== IFA_CACHEINFO && type !== IFA_FLAGS)
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
    payload: concat([
      addressHeader(described[1] ?? 0, described[3] ?? 0, interfaceIndex),
      ...kept.map(([type, data]) => attribute(type, data)),
      attribute(IFA_FLAGS, u32(own)),
      attribute(IFA_CACHEINFO, concat([u32(preferred), u32(valid), u32(0), u32(0)])),
    ]),
  }
}

/** Names address, prefix and label, so that nothing but what was read before is removed. */
export const removeAddress = (address: KernelAddress): NetlinkRequest => ({
  type: RTM_DELADDR,
  flags: NLM_F_REQUEST | NLM_F_ACK,
  payload: concat([
    addressHeader(address.address.length, 0, address.interfaceIndex),
    attribute(IFA_LOCAL, ipv4ToBytes(address.address.address)),
    attribute(IFA_ADDRESS, ipv4ToBytes(address.address.address)),
    attribute(IFA_LABEL, text(address.label)),
  ]),
})

/** The same as `sysctl net.ipv4.conf.<interface>.promote_secondaries=1`, or `=0`. */
export const promoteSecondaries = (interfaceIndex: number, on = true): NetlinkRequest => ({
  type: RTM_SETLINK,
  flags: NLM_F_REQUEST | NLM_F_ACK,
  payload: concat([
    linkHeader(interfaceIndex),
    nested(IFLA_AF_SPEC, [
      nested(AF_INET, [nested(IFLA_INET_CONF, [attribute(IPV4_DEVCONF_PROMOTE_SECONDARIES, u32(on ? 1 : 0))])]),
    ]),
  ]),
})

/** Messages of family AF_BRIDGE speak of bridge ports, not of interfaces: a port that leaves its bridge still exists. */
export function decodeLink(message: NetlinkMessage): LinkEvent | undefined {
  const { type, payload } = message
  if ((type !== RTM_NEWLINK && type !== RTM_DELLINK) || payload.length < 16 || payload[0] !== AF_UNSPEC)
    return undefined
  const index = getS32(payload, 4)
  if (type === RTM_DELLINK) return { kind: 'gone', index }
  const attributes = decodeAttributes(payload.subarray(16))
  const name = attributes?.get(IFLA_IFNAME)
  if (name === undefined) return undefined
  const hardware = attributes?.get(IFLA_ADDRESS)
  const flags = getU32(payload, 8)
  const master = attributes?.get(IFLA_MASTER)
  const link = {
    index,
    name: getText(name),
    hardwareAddress: hardware?.length === 6 ? formatHardwareAddress(hardware) : undefined,
    enabled: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    ...(master?.length === 4 ? { master: getU32(master, 0) } : {}),
  }
  return { kind: 'present', link }
}

/** An address that was set or changed, or that is gone; `port` is the netlink port of who did it, 0 for the kernel. */
export type AddressEvent = {
  readonly kind: 'set' | 'gone'
  readonly address: KernelAddress
  readonly port: number
}

export function decodeAddressEvent(message: NetlinkMessage): AddressEvent | undefined {
  const gone = message.type === RTM_DELADDR
  const address = decodeAddress(gone ? { ...message, type: RTM_NEWADDR } : message)
  return address === undefined ? undefined : { kind: gone ? 'gone' : 'set', address, port: message.port }
}

export function decodeAddress(message: Pick<NetlinkMessage, 'type' | 'payload'>): KernelAddress | undefined {
  const { type, payload } = message
  if (type !== RTM_NEWADDR || payload.length < 8 || payload[0] !== AF_INET) return undefined
  const attributes = decodeAttributes(payload.subarray(8))
  // On point-to-point links IFA_ADDRESS is the other end; IFA_LOCAL is always ours.
  const local = attributes?.get(IFA_LOCAL) ?? attributes?.get(IFA_ADDRESS)
  if (local?.length !== 4) return undefined
  return {
    interfaceIndex: getU32(payload, 4),
    address: { address: ipv4FromBytes(local), length: payload[1] ?? 0 },
    label: getText(attributes?.get(IFA_LABEL) ?? new Uint8Array()),
    protocol: attributes?.get(IFA_PROTO)?.[0] ?? 0,
    secondary: ((payload[2] ?? 0) & IFA_F_SECONDARY) !== 0,
  }
}

const formatHardwareAddress = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')

/** `ifinfomsg` */
const linkHeader = (index: number): Uint8Array =>
  concat([Uint8Array.of(AF_UNSPEC, 0, 0, 0), u32(index), u32(0), u32(0)])

/** `ifaddrmsg`; scope 0 is RT_SCOPE_UNIVERSE ("global"). */
const addressHeader = (prefixLength: number, scope: number, index: number): Uint8Array =>
  concat([Uint8Array.of(AF_INET, prefixLength, 0, scope), u32(index)])
