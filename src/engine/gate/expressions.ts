import { attribute, nested, u32 } from '../io/netlink-message.ts'
import {
  be64,
  NF_ACCEPT,
  NF_DROP,
  NFT_GOTO,
  NFTA_DATA_VALUE,
  NFTA_LIST_ELEM,
  name,
  number,
  verdict,
} from './nftables.ts'

/**
 * PURE: the expressions that rules are made of, each as the attribute the kernel takes (linux/netfilter/nf_tables.h). A
 * rule runs its expressions in order and ends at the first comparison or look-up that does not hold. Values go through
 * register 1 unless said otherwise.
 */
export type Expression = Uint8Array

const NFT_REG_VERDICT = 0
const NFT_REG_1 = 1
const NFT_REG_2 = 2
/** The other quarters of register 1 in the newer counting: where the next fields of a concatenation go. */
const NFT_REG32_01 = 9
const NFT_REG32_02 = 10
const NFT_REG32_03 = 11

const expression = (kind: string, attributes: readonly Uint8Array[]): Expression =>
  nested(NFTA_LIST_ELEM, [name(1, kind), nested(2, attributes)])

const value = (type: number, bytes: Uint8Array): Uint8Array => nested(type, [attribute(NFTA_DATA_VALUE, bytes)])

const NFT_PAYLOAD_LINK_HEADER = 0
const NFT_PAYLOAD_NETWORK_HEADER = 1
const NFT_PAYLOAD_TRANSPORT_HEADER = 2

const payload = (base: number, offset: number, length: number, register = NFT_REG_1): Expression =>
  expression('payload', [number(1, register), number(2, base), number(3, offset), number(4, length)])

const network = (offset: number, length: number, register?: number): Expression =>
  payload(NFT_PAYLOAD_NETWORK_HEADER, offset, length, register)
const transport = (offset: number, length: number, register?: number): Expression =>
  payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, length, register)

const CMP = { eq: 0, neq: 1, lte: 3 } as const

export const compare = (how: keyof typeof CMP, bytes: Uint8Array): Expression =>
  expression('cmp', [number(1, NFT_REG_1), number(2, CMP[how]), value(3, bytes)])

/** register = (register & mask) ^ flip */
const bitwise = (mask: Uint8Array, flip: Uint8Array): Expression =>
  expression('bitwise', [
    number(1, NFT_REG_1),
    number(2, NFT_REG_1),
    number(3, mask.length),
    value(4, mask),
    value(5, flip),
  ])

const META = { mark: 3, iif: 4, oif: 5, iiftype: 8, nfproto: 15, l4proto: 16 } as const

const loadMeta = (key: keyof typeof META): Expression =>
  expression('meta', [number(1, NFT_REG_1), number(2, META[key])])
const storeMark: Expression = expression('meta', [number(3, NFT_REG_1), number(2, META.mark)])

/** `ip daddr`, `nd target` and so on: loads the field after having made sure that there is one. */
const protocol = (nfproto: number): readonly Expression[] => [
  loadMeta('nfproto'),
  compare('eq', Uint8Array.of(nfproto)),
]
const IPV4 = protocol(2)
const IPV6 = protocol(10)
const IPPROTO_TCP = 6
const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58

const layer4 = (value: number): readonly Expression[] => [loadMeta('l4proto'), compare('eq', Uint8Array.of(value))]

export const ipDestination: readonly Expression[] = [...IPV4, network(16, 4)]
export const ip6Destination: readonly Expression[] = [...IPV6, network(24, 16)]
export const ip6Source: readonly Expression[] = [...IPV6, network(8, 16)]

const icmp6 = (type: number): readonly Expression[] => [
  ...IPV6,
  ...layer4(IPPROTO_ICMPV6),
  transport(0, 1),
  compare('eq', Uint8Array.of(type)),
]
export const solicitation: readonly Expression[] = icmp6(135)
export const advertisement: readonly Expression[] = icmp6(136)
/** The address that a neighbour solicitation or advertisement is about. */
export const ndTarget: Expression = transport(8, 16)

/** Destination unreachable: what a TCP connection needs for finding the path's MTU. */
export const icmpUnreachable: readonly Expression[] = [
  ...IPV4,
  ...layer4(IPPROTO_ICMP),
  transport(0, 1),
  compare('eq', Uint8Array.of(3)),
]
/** Destination unreachable, packet too big. */
export const icmp6Unreachable: readonly Expression[] = [
  ...IPV6,
  ...layer4(IPPROTO_ICMPV6),
  transport(0, 1),
  compare('lte', Uint8Array.of(2)),
]

const SYN = 0x02
const ACK = 0x10

/** TCP, but for the packet that opens a connection (SYN without ACK). */
export const tcpOfConnection: readonly Expression[] = [
  ...layer4(IPPROTO_TCP),
  transport(13, 1),
  bitwise(Uint8Array.of(SYN | ACK), Uint8Array.of(0)),
  compare('neq', Uint8Array.of(SYN)),
]

const ARP_REQUEST = Uint8Array.of(0, 1)
export const arpRequest: readonly Expression[] = [network(6, 2), compare('eq', ARP_REQUEST)]
export const arpSender: Expression = network(14, 4)
export const arpTarget: Expression = network(24, 4)
export const arpSenderAndTarget: readonly Expression[] = [arpSender, network(24, 4, NFT_REG32_01)]

/** Interface 1 is `lo` in every network namespace. */
export const fromLoopback: readonly Expression[] = [loadMeta('iif'), compare('eq', u32(1))]

/** Loads the family of the packet: what an owner's set of "open" is asked for. */
export const family: Expression = loadMeta('nfproto')

export const isIn = (set: string): Expression => expression('lookup', [name(1, set), number(2, NFT_REG_1)])

/** Looks up a map of verdicts; nothing happens when the value is not in it. */
export const goByMap = (map: string): Expression =>
  expression('lookup', [name(1, map), number(2, NFT_REG_1), number(3, NFT_REG_VERDICT)])

const RTN_LOCAL = 2
const NFT_FIB_RESULT_ADDRTYPE = 3
const NFTA_FIB_F_DADDR = 0x2
const NFTA_FIB_F_IIF = 0x8

const fib = (flags: number): readonly Expression[] => [
  expression('fib', [number(1, NFT_REG_1), number(2, NFT_FIB_RESULT_ADDRTYPE), number(3, flags)]),
  compare('eq', u32(RTN_LOCAL)),
]
/** The destination is an address of this box. */
export const toThisBox: readonly Expression[] = fib(NFTA_FIB_F_DADDR)
/** The same as seen from the packet's interface: what counts in a VRF. */
export const toThisInterface: readonly Expression[] = fib(NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF)

/**
 * The one bit of the packet's mark that says "the holder's". It lives from one chain to the next only, and only on packets
 * for a virtual address.
 */
export const MARK_BIT = 0x08000000

const NOTHING = u32(0)
const BIT = u32(MARK_BIT)
const OTHERS = u32(~MARK_BIT >>> 0)

export const isMarked: readonly Expression[] = [loadMeta('mark'), bitwise(BIT, NOTHING), compare('neq', NOTHING)]
export const mark: readonly Expression[] = [loadMeta('mark'), bitwise(OTHERS, BIT), storeMark]
export const unmark: readonly Expression[] = [loadMeta('mark'), bitwise(OTHERS, NOTHING), storeMark]

const decide = (code: number, chain?: string): Expression =>
  expression('immediate', [number(1, NFT_REG_VERDICT), nested(2, [verdict(code, chain)])])

export const accept: Expression = decide(NF_ACCEPT)
export const drop: Expression = decide(NF_DROP)
export const goTo = (chain: string): Expression => decide(NFT_GOTO, chain)

const ARPHRD_ETHER = Uint8Array.from(new Uint8Array(Uint16Array.of(1).buffer))

/** The hardware address that the packet came from; holds for Ethernet only. */
export const etherSource: readonly Expression[] = [
  loadMeta('iiftype'),
  compare('eq', ARPHRD_ETHER),
  payload(NFT_PAYLOAD_LINK_HEADER, 6, 6),
]

export const anyIpv4: readonly Expression[] = IPV4
/** In tables of the family `ip`: `nft list` fails when the family is compared there. */
export const destination: Expression = network(16, 4)
export const tcp: readonly Expression[] = layer4(IPPROTO_TCP)
export const tcpOpening: readonly Expression[] = [
  ...tcp,
  transport(13, 1),
  bitwise(Uint8Array.of(SYN | ACK), Uint8Array.of(0)),
  compare('eq', Uint8Array.of(SYN)),
]

/** Source address and port, destination address and port of a TCP packet. */
export const tcpFlow: readonly Expression[] = [
  network(12, 4),
  transport(0, 2, NFT_REG32_01),
  network(16, 4, NFT_REG32_02),
  transport(2, 2, NFT_REG32_03),
]

const NFT_DYNSET_OP_UPDATE = 1

/** Adds what is loaded to the set, for that many milliseconds from now; the rule ends when the set is full. */
export const remember = (set: string, milliseconds: number): Expression =>
  expression('dynset', [
    name(1, set),
    number(3, NFT_DYNSET_OP_UPDATE),
    number(4, NFT_REG_1),
    attribute(6, be64(milliseconds)),
  ])

const put = (register: number, bytes: Uint8Array): Expression =>
  expression('immediate', [number(1, register), value(2, bytes)])

/** Sends a copy to the neighbour with this address, through this interface. In tables of the family `ip` only. */
export const sendTo = (address: Uint8Array, interfaceIndex: number): readonly Expression[] => [
  put(NFT_REG_1, address),
  put(NFT_REG_2, u32(interfaceIndex)),
  expression('dup', [number(1, NFT_REG_1), number(2, NFT_REG_2)]),
]

/** On its way out: what comes in has no interface for that. */
export const goingOut: readonly Expression[] = [loadMeta('oif'), compare('neq', u32(0))]

/** The ARP sender becomes this address. */
export const arpSenderFrom = (address: Uint8Array): readonly Expression[] => [
  put(NFT_REG_1, address),
  expression('payload', [number(5, NFT_REG_1), number(2, NFT_PAYLOAD_NETWORK_HEADER), number(3, 14), number(4, 4)]),
]
