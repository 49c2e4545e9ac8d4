import { type Ipv4, ipv4FromBytes } from '../../shared/ip.ts'
import { fromMillis, type Micros } from '../../shared/units.ts'
import { openNetlink } from './netlink.ts'
import { dumpOnce } from './netlink-dump.ts'
import {
  decodeAttributes,
  getS32,
  getU16,
  getU32,
  type NetlinkMessage,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from './netlink-message.ts'
import { NETLINK_ROUTE } from './rtnetlink.ts'

/** Who may tell that a LAN is there: default gateways and neighbours, as the kernel knows them. Reads only. */

const AF_INET = 2

// linux/rtnetlink.h
const RTM_NEWROUTE = 24
const RTM_GETROUTE = 26
/** `struct rtmsg` */
const ROUTE_HEADER = 12
const RTN_UNICAST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_MULTIPATH = 9
/** `struct rtnexthop` */
const NEXTHOP_HEADER = 8

// linux/neighbour.h
const RTM_NEWNEIGH = 28
const RTM_GETNEIGH = 30
/** `struct ndmsg` */
const NEIGHBOUR_HEADER = 12
const NDA_DST = 1
const NDA_LLADDR = 2
const NDA_CACHEINFO = 3
/** REACHABLE, STALE, DELAY or PROBE: it has answered; neither configured nor failed. */
const HAS_ANSWERED = 0x02 | 0x04 | 0x08 | 0x10
/** `clock_t` of user space. */
const TICK_MS = 10

export type Gateway = { readonly interfaceIndex: number; readonly address: Ipv4 }

export type KnownNeighbour = {
  readonly interfaceIndex: number
  readonly address: Ipv4
  /** How long ago it answered. */
  readonly age: Micros
}

export type LanNeighbours = { readonly gateways: readonly Ipv4[]; readonly neighbours: readonly Ipv4[] }

/** Those of one interface; neighbours that answered within `newest`, the latest first. Undefined: cannot be read. */
export async function readLanNeighbours(interfaceIndex: number, newest: Micros): Promise<LanNeighbours | undefined> {
  const opened = openNetlink({ protocol: NETLINK_ROUTE })
  if (!opened.ok) return undefined
  try {
    const flags = NLM_F_REQUEST | NLM_F_DUMP
    const routes = await dumpOnce(opened.value, { type: RTM_GETROUTE, flags, payload: familyOnly(ROUTE_HEADER) })
    const known = await dumpOnce(opened.value, { type: RTM_GETNEIGH, flags, payload: familyOnly(NEIGHBOUR_HEADER) })
    if (!routes.ok || !known.ok) return undefined
    const gateways = routes.value.flatMap(decodeDefaultRoute).filter((each) => each.interfaceIndex === interfaceIndex)
    const neighbours = known.value
      .flatMap((message) => decodeKnownNeighbour(message) ?? [])
      .filter((each) => each.interfaceIndex === interfaceIndex && each.age <= newest)
      .sort((a, b) => a.age - b.age)
    return {
      gateways: [...new Set(gateways.map(({ address }) => address))],
      neighbours: neighbours.map(({ address }) => address),
    }
  } finally {
    opened.value.close()
  }
}

const familyOnly = (length: number): Uint8Array => {
  const payload = new Uint8Array(length)
  payload[0] = AF_INET
  return payload
}

/** PURE. The gateways of a default route, of whichever table; none for a message of another kind or of wrong shape. */
export function decodeDefaultRoute({ type, payload }: NetlinkMessage): readonly Gateway[] {
  if (type !== RTM_NEWROUTE || payload.length < ROUTE_HEADER) return []
  if (payload[0] !== AF_INET || payload[1] !== 0 || payload[7] !== RTN_UNICAST) return []
  const attributes = decodeAttributes(payload.subarray(ROUTE_HEADER))
  const [oif, gateway] = [attributes?.get(RTA_OIF), attributes?.get(RTA_GATEWAY)]
  const several = decodeNexthops(attributes?.get(RTA_MULTIPATH) ?? new Uint8Array())
  if (oif?.length !== 4 || gateway?.length !== 4) return several
  return [{ interfaceIndex: getU32(oif, 0), address: ipv4FromBytes(gateway) }, ...several]
}

function decodeNexthops(bytes: Uint8Array): readonly Gateway[] {
  const gateways: Gateway[] = []
  for (let offset = 0; bytes.length - offset >= NEXTHOP_HEADER; ) {
    const length = getU16(bytes, offset)
    if (length < NEXTHOP_HEADER || length > bytes.length - offset) break
    const attributes = decodeAttributes(bytes.subarray(offset + NEXTHOP_HEADER, offset + length))
    const gateway = attributes?.get(RTA_GATEWAY)
    if (gateway?.length === 4) {
      gateways.push({ interfaceIndex: getS32(bytes, offset + 4), address: ipv4FromBytes(gateway) })
    }
    offset += (length + 3) & ~3
  }
  return gateways
}

/** PURE. Undefined for one that has not answered, and for a message of another kind or of wrong shape. */
export function decodeKnownNeighbour({ type, payload }: NetlinkMessage): KnownNeighbour | undefined {
  if (type !== RTM_NEWNEIGH || payload.length < NEIGHBOUR_HEADER || payload[0] !== AF_INET) return undefined
  if ((getU16(payload, 8) & HAS_ANSWERED) === 0) return undefined
  const attributes = decodeAttributes(payload.subarray(NEIGHBOUR_HEADER))
  const [address, cache] = [attributes?.get(NDA_DST), attributes?.get(NDA_CACHEINFO)]
  if (address?.length !== 4 || attributes?.get(NDA_LLADDR)?.length !== 6) return undefined
  if (cache === undefined || cache.length < 4) return undefined
  return {
    interfaceIndex: getS32(payload, 4),
    address: ipv4FromBytes(address),
    age: fromMillis(getU32(cache, 0) * TICK_MS),
  }
}
