import { err, ok, type Result } from '../../shared/result.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import { dumpOnce } from '../io/netlink-dump.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import { decodeAttributes, getText, type NetlinkMessage, type NetlinkRequest } from '../io/netlink-message.ts'
import { type Attribute, attributeList, covers } from './covers.ts'
import { chainAttributes, ruleAttributes, setAttributes, tableAttributes } from './layout-requests.ts'
import {
  addElements,
  dump,
  dumpElements,
  GENERIC_HEADER,
  getBe32,
  NFPROTO_UNSPEC,
  NFT_MSG,
  NFTA_CHAIN_NAME,
  NFTA_RULE_CHAIN,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_NAME,
  NFTA_TABLE_NAME,
  NFTA_TABLE_OWNER,
  NFTA_TABLE_USERDATA,
  name,
} from './nftables.ts'
import { type Chain, TAG_PREFIX, type Table } from './tables.ts'

/** A table of the kernel's. */
export type FoundTable = {
  readonly family: number
  readonly name: string
  /** Carries haup's tag. */
  readonly ours: boolean
  /** The netlink port that owns it. */
  readonly owner: number | undefined
}

export async function readTables(socket: NetlinkSocket): Promise<Result<readonly FoundTable[], NetlinkFailure>> {
  const read = await dumpOnce(socket, dump(NFT_MSG.getTable, NFPROTO_UNSPEC))
  if (!read.ok) return read
  return ok(
    read.value.flatMap((message) => {
      const attributes = decodeAttributes(message.payload.subarray(GENERIC_HEADER))
      const table = attributes?.get(NFTA_TABLE_NAME)
      if (attributes === undefined || table === undefined) return []
      const tag = attributes.get(NFTA_TABLE_USERDATA)?.subarray(2)
      return [
        {
          family: message.payload[0] ?? 0,
          name: getText(table),
          ours: tag !== undefined && getText(tag).startsWith(TAG_PREFIX),
          owner: getBe32(attributes.get(NFTA_TABLE_OWNER)),
        },
      ]
    }),
  )
}

/** Compares the kernel's tables with what they should be, rule for rule; the error names the first difference. */
export async function verifyTables(socket: NetlinkSocket, tables: readonly Table[]): Promise<Result<void, string>> {
  const found = await read(socket, dump(NFT_MSG.getTable, NFPROTO_UNSPEC))
  if (!found.ok) return found
  for (const table of tables) {
    const [own] = named(found.value, NFTA_TABLE_NAME, table.name).filter(({ payload }) => payload[0] === table.family)
    if (own === undefined) return err(`${title(table)} is missing`)
    if (!covers(own.payload.subarray(GENERIC_HEADER), tableAttributes(table))) return err(`${title(table)} differs`)
    for (const verify of [verifyChains, verifySets]) {
      const verified = await verify(socket, table)
      if (!verified.ok) return verified
    }
  }
  return ok(undefined)
}

export const title = (table: { readonly family: number; readonly name: string }): string =>
  `table ${FAMILIES.get(table.family) ?? table.family} ${table.name}`

/** Those families that the gate has tables in. */
const FAMILIES: ReadonlyMap<number, string> = new Map([
  [1, 'inet'],
  [2, 'ip'],
  [3, 'arp'],
])

async function verifyChains(socket: NetlinkSocket, table: Table): Promise<Result<void, string>> {
  const dumped = await read(socket, dump(NFT_MSG.getChain, table.family))
  if (!dumped.ok) return dumped
  const chains = named(dumped.value, NFTA_TABLE_NAME, table.name)
  if (chains.length !== table.chains.length) {
    return err(`${title(table)} has ${chains.length} chains instead of ${table.chains.length}`)
  }
  const filter = [name(NFTA_TABLE_NAME, table.name)]
  const rules = await read(socket, dump(NFT_MSG.getRule, table.family, filter))
  if (!rules.ok) return rules
  const [byName, rulesOf] = [byText(chains, NFTA_CHAIN_NAME), byText(rules.value, NFTA_RULE_CHAIN)]
  for (const chain of table.chains) {
    const [own] = byName.get(chain.name) ?? []
    if (own === undefined || !covers(own.payload.subarray(GENERIC_HEADER), chainAttributes(table, chain))) {
      return err(`chain ${chain.name} of ${title(table)} differs`)
    }
    const verified = verifyRules(rulesOf.get(chain.name) ?? [], table, chain)
    if (!verified.ok) return verified
  }
  return ok(undefined)
}

/** The kernel shows the rules of a chain in their order. */
function verifyRules(rules: readonly NetlinkMessage[], table: Table, chain: Chain): Result<void, string> {
  const where = `chain ${chain.name} of ${title(table)}`
  if (rules.length !== chain.rules.length) {
    return err(`${where} has ${rules.length} rules instead of ${chain.rules.length}`)
  }
  for (const [at, rule] of chain.rules.entries()) {
    const own = rules[at]?.payload.subarray(GENERIC_HEADER) ?? new Uint8Array()
    if (!covers(own, ruleAttributes(table, chain, rule))) return err(`rule ${at + 1} of ${where} differs`)
  }
  return ok(undefined)
}

async function verifySets(socket: NetlinkSocket, table: Table): Promise<Result<void, string>> {
  const dumped = await read(socket, dump(NFT_MSG.getSet, table.family, [name(NFTA_TABLE_NAME, table.name)]))
  if (!dumped.ok) return dumped
  const byName = byText(dumped.value, NFTA_SET_NAME)
  for (const set of table.sets) {
    const where = `set ${set.name} of ${title(table)}`
    const [own] = byName.get(set.name) ?? []
    if (own === undefined || !covers(own.payload.subarray(GENERIC_HEADER), setAttributes(table, set))) {
      return err(`${where} differs`)
    }
    if (set.holds !== 'keys' && set.holds !== 'chains') continue
    const elements = await read(socket, dumpElements(table.family, table.name, set.name))
    if (!elements.ok) return elements
    const wanted = addElements(table.family, table.name, set.name, set.elements)
    if (!sameElements(elements.value.flatMap(elementsOf), wanted.flatMap(elementsOf))) {
      return err(`${where} has other elements`)
    }
  }
  return ok(undefined)
}

const elementsOf = ({ payload }: { readonly payload: Uint8Array }): readonly Attribute[] => {
  const attributes = attributeList(payload.subarray(GENERIC_HEADER))
  const list = attributes.find(({ type }) => type === NFTA_SET_ELEM_LIST_ELEMENTS)
  return list === undefined ? [] : attributeList(list.data)
}

/** The keys of a set's elements, in a message of a dump. */
export const keysIn = (message: NetlinkMessage): readonly Uint8Array[] =>
  elementsOf(message).flatMap((element) =>
    attributeList(element.data)
      .filter(({ type }) => type === NFTA_SET_ELEM_KEY)
      .flatMap(({ data }) => attributeList(data).map((value) => value.data)),
  )

const keyOf = (element: Attribute): string =>
  attributeList(element.data)
    .filter(({ type }) => type === NFTA_SET_ELEM_KEY)
    .map(({ data }) => data.join())
    .join()

function sameElements(found: readonly Attribute[], wanted: readonly Attribute[]): boolean {
  const byKey = new Map(found.map((element) => [keyOf(element), element]))
  return (
    found.length === wanted.length &&
    wanted.every((element) => covers(byKey.get(keyOf(element))?.data ?? new Uint8Array(), [element.data]))
  )
}

/** The messages whose attribute is this name. */
const named = (messages: readonly NetlinkMessage[], type: number, value: string): readonly NetlinkMessage[] =>
  messages.filter(({ payload }) => covers(payload.subarray(GENERIC_HEADER), [name(type, value)]))

/** By the text of an attribute, in their order. */
function byText(messages: readonly NetlinkMessage[], type: number): ReadonlyMap<string, readonly NetlinkMessage[]> {
  const grouped = new Map<string, NetlinkMessage[]>()
  for (const message of messages) {
    const value = decodeAttributes(message.payload.subarray(GENERIC_HEADER))?.get(type)
    if (value === undefined) continue
    const key = getText(value)
    const group = grouped.get(key)
    if (group === undefined) grouped.set(key, [message])
    else group.push(message)
  }
  return grouped
}

async function read(
  socket: NetlinkSocket,
  request: NetlinkRequest,
): Promise<Result<readonly NetlinkMessage[], string>> {
  const dumped = await dumpOnce(socket, request)
  return dumped.ok ? dumped : err(`cannot read nf_tables: ${dumped.error.message}`)
}
