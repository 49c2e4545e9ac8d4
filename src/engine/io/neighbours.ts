import { type Ipv4, ipv4FromBytes } from '../../shared/ip.ts'
import { openNetlink } from './netlink.ts'
import { dumpOnce } from './netlink-dump.ts'
import { decodeAttributes, getU16, type NetlinkMessage, NLM_F_DUMP, NLM_F_REQUEST } from './netlink-message.ts'
import { NETLINK_ROUTE } from './rtnetlink.ts'

/** The kernel's neighbour (ARP) table (rtnetlink(7), linux/neighbour.h). Reads only. */
export type Neighbour = {
  readonly address: Ipv4
  /** `52:54:00:12:34:56`; undefined while nobody has answered. */
  readonly hardwareAddress: string | undefined
  /** `answered`: just now; `known`: at some earlier time; `asking`; `failed`: nobody answered. */
  readonly state: 'answered' | 'known' | 'asking' | 'failed'
}

const RTM_NEWNEIGH = 28
const RTM_GETNEIGH = 30
const AF_INET = 2
/** `struct ndmsg` */
const HEADER_LENGTH = 12
const NDA_DST = 1
const NDA_LLADDR = 2

const NUD_INCOMPLETE = 0x01
const NUD_REACHABLE = 0x02
const NUD_FAILED = 0x20

/** The entry of one address, on whichever interface. Undefined: there is none, or the table cannot be read. */
export async function readNeighbour(address: Ipv4): Promise<Neighbour | undefined> {
  const opened = openNetlink({ protocol: NETLINK_ROUTE })
  if (!opened.ok) return undefined
  try {
    const payload = new Uint8Array(HEADER_LENGTH)
    payload[0] = AF_INET
    const dump = await dumpOnce(opened.value, { type: RTM_GETNEIGH, flags: NLM_F_REQUEST | NLM_F_DUMP, payload })
    const entries = dump.ok ? dump.value.flatMap((message) => decodeNeighbour(message) ?? []) : []
    return entries.find((entry) => entry.address === address)
  } finally {
    opened.value.close()
  }
}

/** PURE. Undefined for a message of another kind or of wrong shape. */
export function decodeNeighbour({ type, payload }: NetlinkMessage): Neighbour | undefined {
  if (type !== RTM_NEWNEIGH || payload.length < HEADER_LENGTH || payload[0] !== AF_INET) return undefined
  const attributes = decodeAttributes(payload.subarray(HEADER_LENGTH))
  const destination = attributes?.get(NDA_DST)
  if (destination?.length !== 4) return undefined
  const hardware = attributes?.get(NDA_LLADDR)
  return {
    address: ipv4FromBytes(destination),
    hardwareAddress: hardware?.length === 6 ? formatHardwareAddress(hardware) : undefined,
    state: stateOf(getU16(payload, 8)),
  }
}

const stateOf = (state: number): Neighbour['state'] => {
  if ((state & NUD_REACHABLE) !== 0) return 'answered'
  if ((state & NUD_INCOMPLETE) !== 0) return 'asking'
  return (state & NUD_FAILED) !== 0 ? 'failed' : 'known'
}

const formatHardwareAddress = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
