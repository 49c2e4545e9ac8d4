import {
  attribute,
  concat,
  type NetlinkRequest,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  nested,
  text,
  viewOf,
} from '../io/netlink-message.ts'

/**
 * PURE: the nf_tables messages the gate speaks (linux/netfilter/nf_tables.h, nfnetlink.h). All numbers inside of them are
 * in network byte order.
 */

export const NETLINK_NETFILTER = 12
export const NFNLGRP_NFTABLES = 7

export const NFPROTO_UNSPEC = 0
export const NFPROTO_INET = 1
export const NFPROTO_IPV4 = 2
export const NFPROTO_ARP = 3
export const NFPROTO_IPV6 = 10

const NFNL_SUBSYS_NFTABLES = 10
const NFNL_MSG_BATCH_BEGIN = 16
const NFNL_MSG_BATCH_END = 17

const messageType = (message: number): number => (NFNL_SUBSYS_NFTABLES << 8) | message

export const NFT_MSG = {
  newTable: messageType(0),
  getTable: messageType(1),
  deleteTable: messageType(2),
  newChain: messageType(3),
  getChain: messageType(4),
  newRule: messageType(6),
  getRule: messageType(7),
  newSet: messageType(9),
  getSet: messageType(10),
  newElements: messageType(12),
  getElements: messageType(13),
  deleteElements: messageType(14),
  newGeneration: messageType(15),
} as const

/** The table is removed when the netlink socket that made it dies, and nobody else may change it (Linux 5.12). */
export const NFT_TABLE_F_OWNER = 0x2
export const NFT_SET_MAP = 0x8
export const NFT_SET_TIMEOUT = 0x10
/** Rules may add elements. */
export const NFT_SET_EVAL = 0x20

/** All kinds of objects name their table in attribute 1. */
export const NFTA_TABLE_NAME = 1
export const NFTA_TABLE_FLAGS = 2
export const NFTA_TABLE_USERDATA = 6
export const NFTA_TABLE_OWNER = 7
export const NFTA_CHAIN_NAME = 3
export const NFTA_CHAIN_HOOK = 4
export const NFTA_CHAIN_POLICY = 5
export const NFTA_CHAIN_TYPE = 7
export const NFTA_HOOK_HOOKNUM = 1
export const NFTA_HOOK_PRIORITY = 2
export const NFTA_RULE_CHAIN = 2
export const NFTA_RULE_EXPRESSIONS = 4
export const NFTA_RULE_USERDATA = 7
export const NFTA_SET_NAME = 2
export const NFTA_SET_FLAGS = 3
export const NFTA_SET_KEY_TYPE = 4
export const NFTA_SET_KEY_LEN = 5
export const NFTA_SET_DATA_TYPE = 6
export const NFTA_SET_ID = 10
export const NFTA_SET_ELEM_KEY = 1
export const NFTA_SET_ELEM_DATA = 2
export const NFTA_SET_ELEM_TIMEOUT = 4
export const NFTA_SET_ELEM_LIST_SET = 2
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3
export const NFTA_LIST_ELEM = 1
export const NFTA_DATA_VALUE = 1
export const NFTA_DATA_VERDICT = 2
export const NFTA_VERDICT_CODE = 1
export const NFTA_VERDICT_CHAIN = 2
export const NFTA_GEN_PROC_NAME = 3

export const NFT_DATA_VERDICT = 0xffffff00
export const NFT_GOTO = -4
export const NF_DROP = 0
export const NF_ACCEPT = 1

export function be32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

export function be64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  viewOf(bytes).setBigUint64(0, BigInt(value))
  return bytes
}

export const getBe32 = (bytes: Uint8Array | undefined): number | undefined =>
  bytes?.length === 4 ? viewOf(bytes).getUint32(0) : undefined

export const name = (type: number, value: string): Uint8Array => attribute(type, text(value))
export const number = (type: number, value: number): Uint8Array => attribute(type, be32(value))

/** `nfgenmsg` and attributes. */
const payload = (family: number, resource: number, attributes: readonly Uint8Array[]): Uint8Array =>
  concat([Uint8Array.of(family, 0, resource >> 8, resource & 0xff), ...attributes])

/** Length of `nfgenmsg`, which precedes the attributes of every message. */
export const GENERIC_HEADER = 4

export const request = (
  type: number,
  family: number,
  attributes: readonly Uint8Array[],
  flags = 0,
): NetlinkRequest => ({ type, flags: NLM_F_REQUEST | flags, payload: payload(family, 0, attributes) })

export const create = (type: number, family: number, attributes: readonly Uint8Array[]): NetlinkRequest =>
  request(type, family, attributes, NLM_F_CREATE | NLM_F_EXCL)

export const dump = (type: number, family: number, attributes: readonly Uint8Array[] = []): NetlinkRequest =>
  request(type, family, attributes, NLM_F_DUMP)

/** One transaction: packets see all of it or nothing, and when one request is refused, nothing has happened. */
export function batch(requests: readonly NetlinkRequest[]): readonly NetlinkRequest[] {
  const frame = (type: number): NetlinkRequest => ({
    type,
    flags: NLM_F_REQUEST,
    payload: payload(NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES, []),
  })
  const last = requests.length - 1
  const acknowledged = requests.map((each, at) => (at === last ? { ...each, flags: each.flags | NLM_F_ACK } : each))
  return [frame(NFNL_MSG_BATCH_BEGIN), ...acknowledged, frame(NFNL_MSG_BATCH_END)]
}

/** How the nft program stores a comment in user data: type 0, length, text with its NUL (shown by `nft list`). */
export function comment(value: string): Uint8Array {
  const bytes = text(value)
  return concat([Uint8Array.of(0, bytes.length), bytes])
}

export type Element = {
  readonly key: Uint8Array
  /** For maps of verdicts: the chain to go to. */
  readonly goto?: string
  /** Milliseconds. */
  readonly timeout?: number
}

const encodeElement = (element: Element): Uint8Array =>
  nested(NFTA_LIST_ELEM, [
    nested(NFTA_SET_ELEM_KEY, [attribute(NFTA_DATA_VALUE, element.key)]),
    ...(element.goto === undefined ? [] : [nested(NFTA_SET_ELEM_DATA, [verdict(NFT_GOTO, element.goto)])]),
    ...(element.timeout === undefined ? [] : [attribute(NFTA_SET_ELEM_TIMEOUT, be64(element.timeout))]),
  ])

export const verdict = (code: number, chain?: string): Uint8Array =>
  nested(NFTA_DATA_VERDICT, [
    number(NFTA_VERDICT_CODE, code),
    ...(chain === undefined ? [] : [name(NFTA_VERDICT_CHAIN, chain)]),
  ])

/** Elements for one request: the list is one attribute, which holds at most 64 KiB. */
const ELEMENTS_AT_ONCE = 500

export function addElements(
  family: number,
  table: string,
  set: string,
  elements: readonly Element[],
): readonly NetlinkRequest[] {
  const requests: NetlinkRequest[] = []
  for (let at = 0; at < elements.length; at += ELEMENTS_AT_ONCE) {
    const list = elements.slice(at, at + ELEMENTS_AT_ONCE).map(encodeElement)
    const attributes = [...inSet(table, set), nested(NFTA_SET_ELEM_LIST_ELEMENTS, list)]
    requests.push(request(NFT_MSG.newElements, family, attributes, NLM_F_CREATE))
  }
  return requests
}

/** The same for a few elements whose timeouts are told later, again and again: all but the timeouts is made once. */
export function timedElements(
  family: number,
  table: string,
  set: string,
  keys: readonly Uint8Array[],
): (timeout: number) => NetlinkRequest {
  const list = keys.map((key) => encodeElement({ key, timeout: 0 }))
  const attributes = [...inSet(table, set), nested(NFTA_SET_ELEM_LIST_ELEMENTS, list)]
  const blank = request(NFT_MSG.newElements, family, attributes, NLM_F_CREATE)
  return (timeout) => {
    const filled = Uint8Array.from(blank.payload)
    const value = be64(timeout)
    // The timeout is the last attribute of an element, and the elements are the last one of the request.
    let end = filled.length
    for (const each of list.toReversed()) {
      filled.set(value, end - value.length)
      end -= each.length
    }
    return { ...blank, payload: filled }
  }
}

/** Refused with ENOENT when there is no such element (set, table). */
export const removeElement = (family: number, table: string, set: string, key: Uint8Array): NetlinkRequest =>
  request(NFT_MSG.deleteElements, family, [
    ...inSet(table, set),
    nested(NFTA_SET_ELEM_LIST_ELEMENTS, [encodeElement({ key })]),
  ])

/** Removes all elements; also right for a set that is empty or whose elements have expired. */
export const flushSet = (family: number, table: string, set: string): NetlinkRequest =>
  request(NFT_MSG.deleteElements, family, inSet(table, set))

export const dumpElements = (family: number, table: string, set: string): NetlinkRequest =>
  dump(NFT_MSG.getElements, family, inSet(table, set))

const inSet = (table: string, set: string): readonly Uint8Array[] => [
  name(NFTA_TABLE_NAME, table),
  name(NFTA_SET_ELEM_LIST_SET, set),
]

export const deleteTable = (family: number, table: string): NetlinkRequest =>
  request(NFT_MSG.deleteTable, family, [name(NFTA_TABLE_NAME, table)])
