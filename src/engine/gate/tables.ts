import {
  accept,
  advertisement,
  type Expression,
  fromLoopback,
  ip6Source,
  isMarked,
  ndTarget,
  solicitation,
  unmark,
} from './expressions.ts'
import { type Element, NFPROTO_ARP, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from './nftables.ts'

/**
 * PURE: what the gate's four tables hold, as data.
 *
 *   inet haup, arp haup            permanent. "Closed": what speaks for a virtual address or begins something with it is
 *                                  dropped, unless it carries the mark.
 *   inet haup-open, arp haup-open  owned by the engine's netlink socket. Put the mark on packets for the addresses of
 *                                  each owner whose set holds an element that has not expired.
 *
 *   ip haup-move-INSTANCE          permanent, there for the seconds after a planned move; see hand-on-table.ts.
 *
 * Three chains at neighbouring priorities of one hook: take the mark off (whoever set it), put ours on, decide and take
 * it off again. So the bit means something between the first and the last of them only.
 */
export type Rule = { readonly comment: string; readonly expressions: readonly Expression[] }

export type Chain = {
  readonly name: string
  readonly hook?: { readonly number: number; readonly priority: number }
  readonly rules: readonly Rule[]
}

export type KeyType = 'ipv4' | 'ipv6' | 'ipv4-pair' | 'family' | 'mac' | 'tcp-flow'

export type GateSet = {
  readonly name: string
  readonly key: KeyType
  /**
   * `timeouts`: keys that come and go; `flows`: keys that rules add. Their elements are not compared when reading back.
   */
  readonly holds: 'keys' | 'chains' | 'timeouts' | 'flows'
  readonly elements: readonly Element[]
}

export type Table = {
  readonly family: number
  readonly name: string
  readonly owned: boolean
  readonly sets: readonly GateSet[]
  readonly chains: readonly Chain[]
}

export const CLOSED_TABLE = 'haup'
/** In the permanent tables: the addresses that are closed. */
export const CLOSED_V4 = 'vip4'
export const OPEN_TABLE = 'haup-open'
const HAND_ON_PREFIX = 'haup-move-'
export const handOnTableOf = (owner: string): string => `${HAND_ON_PREFIX}${owner}`
export const isHandOnTable = (name: string): boolean => name.startsWith(HAND_ON_PREFIX)

/** Marks our tables; the number is the layout's. Shown by `nft list`. */
export const TAG_PREFIX = 'haup gate'
export const TAG = `${TAG_PREFIX} 2`

/**
 * The two sets that say whether an owner is open. Each renewal replaces the content of one of them in turn, so that a
 * packet that is being judged while the kernel changes generations still finds the other.
 */
export const openSets = (owner: string): readonly [string, string] => [`open-${owner}-1`, `open-${owner}-2`]

/** Whose packets are let in while it is closed: hardware addresses. In `inet`. */
export const admitSet = (owner: string): string => `admit-${owner}`

/** What makes an owner open, in each of the owned tables: the family of the packet, as an element with a timeout. */
export const OPEN_KEYS: readonly (readonly [table: number, keys: readonly Uint8Array[]])[] = [
  [NFPROTO_INET, [Uint8Array.of(NFPROTO_IPV4), Uint8Array.of(NFPROTO_IPV6)]],
  [NFPROTO_ARP, [Uint8Array.of(NFPROTO_ARP)]],
]

export const HOOK = { prerouting: 0, output: 3, arpIn: 0, arpOut: 1 } as const

/** Before everything that others usually have in these hooks (raw is -300), after defragmentation (-400). */
export const INET_FIRST = -313
export const ARP_FIRST = -2
/** Between what marks and what decides: what is not marked is handed on. */
export const HAND_ON_PRIORITY = INET_FIRST + 2
export const INET_LAST = INET_FIRST + 3

export const rule = (comment: string, ...expressions: (Expression | readonly Expression[])[]): Rule => ({
  comment,
  expressions: expressions.flat(),
})

export const loopback = rule('this box itself', fromLoopback, accept)
export const open = rule('open: the mark has done its work', isMarked, unmark, accept)
export const solicited = [solicitation, ndTarget]
export const advertised = [advertisement, ndTarget]
export const solicitedBy = [solicitation, ip6Source]

export const keys = (name: string, key: KeyType, elements: readonly Uint8Array[]): GateSet => ({
  name,
  key,
  holds: 'keys',
  elements: elements.map((bytes) => ({ key: bytes })),
})
