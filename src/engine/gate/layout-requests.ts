import { attribute, type NetlinkRequest, NLM_F_CREATE, nested } from '../io/netlink-message.ts'
import {
  addElements,
  comment,
  create,
  NF_ACCEPT,
  NFT_DATA_VERDICT,
  NFT_MSG,
  NFT_SET_EVAL,
  NFT_SET_MAP,
  NFT_SET_TIMEOUT,
  NFT_TABLE_F_OWNER,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TYPE,
  NFTA_HOOK_HOOKNUM,
  NFTA_HOOK_PRIORITY,
  NFTA_RULE_CHAIN,
  NFTA_RULE_EXPRESSIONS,
  NFTA_RULE_USERDATA,
  NFTA_SET_DATA_TYPE,
  NFTA_SET_FLAGS,
  NFTA_SET_ID,
  NFTA_SET_KEY_LEN,
  NFTA_SET_KEY_TYPE,
  NFTA_SET_NAME,
  NFTA_TABLE_FLAGS,
  NFTA_TABLE_NAME,
  NFTA_TABLE_USERDATA,
  name,
  number,
  request,
} from './nftables.ts'
import { type Chain, type GateSet, type KeyType, type Rule, TAG, type Table } from './tables.ts'

const NLM_F_APPEND = 0x800

/** Data types as the nft program numbers them, and lengths in bytes: `type` is for `nft list` only. */
const KEYS: Readonly<Record<KeyType, { readonly type: number; readonly length: number }>> = {
  ipv4: { type: 7, length: 4 },
  ipv6: { type: 8, length: 16 },
  'ipv4-pair': { type: (7 << 6) | 7, length: 8 },
  family: { type: 2, length: 1 },
  mac: { type: 9, length: 6 },
  'tcp-flow': { type: (((((7 << 6) | 13) << 6) | 7) << 6) | 13, length: 16 },
}

const HOLDS = {
  chains: NFT_SET_MAP,
  timeouts: NFT_SET_TIMEOUT,
  flows: NFT_SET_EVAL | NFT_SET_TIMEOUT,
} as const

/** PURE: the attributes that describe each object; what is sent to make it, and what must be found when reading back. */
export const tableAttributes = (table: Table): readonly Uint8Array[] => [
  name(NFTA_TABLE_NAME, table.name),
  number(NFTA_TABLE_FLAGS, table.owned ? NFT_TABLE_F_OWNER : 0),
  attribute(NFTA_TABLE_USERDATA, comment(TAG)),
]

export const chainAttributes = (table: Table, chain: Chain): readonly Uint8Array[] => [
  name(NFTA_TABLE_NAME, table.name),
  name(NFTA_CHAIN_NAME, chain.name),
  ...(chain.hook === undefined ? [] : hookAttributes(chain.hook)),
]

const hookAttributes = (hook: NonNullable<Chain['hook']>): readonly Uint8Array[] => [
  nested(NFTA_CHAIN_HOOK, [number(NFTA_HOOK_HOOKNUM, hook.number), number(NFTA_HOOK_PRIORITY, hook.priority)]),
  number(NFTA_CHAIN_POLICY, NF_ACCEPT),
  name(NFTA_CHAIN_TYPE, 'filter'),
]

export const setAttributes = (table: Table, set: GateSet): readonly Uint8Array[] => [
  name(NFTA_TABLE_NAME, table.name),
  name(NFTA_SET_NAME, set.name),
  // The kernel does not show flags that are 0.
  ...(set.holds === 'keys' ? [] : [number(NFTA_SET_FLAGS, HOLDS[set.holds])]),
  number(NFTA_SET_KEY_TYPE, KEYS[set.key].type),
  number(NFTA_SET_KEY_LEN, KEYS[set.key].length),
  ...dataAttributes(set),
]

/**
 * No size for sets that rules fill: the kernel remembers 65,536 flows of its own accord, and would set memory for all that
 * are named aside at once, a megabyte for each instance that moves.
 */
const dataAttributes = ({ holds }: GateSet): readonly Uint8Array[] =>
  holds === 'chains' ? [number(NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT)] : []

export const ruleAttributes = (table: Table, chain: Chain, rule: Rule): readonly Uint8Array[] => [
  name(NFTA_TABLE_NAME, table.name),
  name(NFTA_RULE_CHAIN, chain.name),
  nested(NFTA_RULE_EXPRESSIONS, rule.expressions),
  attribute(NFTA_RULE_USERDATA, comment(rule.comment)),
]

/** Everything in the order of its dependencies, for one transaction. */
export function createTables(tables: readonly Table[]): readonly NetlinkRequest[] {
  return tables.flatMap((table) => [
    create(NFT_MSG.newTable, table.family, tableAttributes(table)),
    ...table.chains.map((chain) => create(NFT_MSG.newChain, table.family, chainAttributes(table, chain))),
    ...table.sets.map((set, at) =>
      create(NFT_MSG.newSet, table.family, [...setAttributes(table, set), number(NFTA_SET_ID, at + 1)]),
    ),
    ...table.sets.flatMap((set) => addElements(table.family, table.name, set.name, set.elements)),
    ...table.chains.flatMap((chain) =>
      chain.rules.map((rule) =>
        request(NFT_MSG.newRule, table.family, ruleAttributes(table, chain, rule), NLM_F_CREATE | NLM_F_APPEND),
      ),
    ),
  ])
}
