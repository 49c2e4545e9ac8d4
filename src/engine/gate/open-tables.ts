import type { Owner } from './address.ts'
import {
  accept,
  anyIpv4,
  arpRequest,
  arpSender,
  arpSenderFrom,
  arpTarget,
  etherSource,
  family,
  goByMap,
  goingOut,
  ip6Destination,
  ipDestination,
  isIn,
  isMarked,
  mark,
} from './expressions.ts'
import { NFPROTO_ARP, NFPROTO_INET } from './nftables.ts'

import {
  ARP_FIRST,
  admitSet,
  advertised,
  type Chain,
  type GateSet,
  HOOK,
  INET_FIRST,
  loopback,
  OPEN_TABLE,
  openSets,
  type Rule,
  rule,
  solicited,
  solicitedBy,
  type Table,
} from './tables.ts'
/** PURE: the tables that the engine's socket owns; see tables.ts. */
export function openInet(owners: readonly Owner[]): Table {
  const [by4, by6] = [goByMap('vip4'), goByMap('vip6')]
  return {
    family: NFPROTO_INET,
    name: OPEN_TABLE,
    owned: true,
    sets: [
      ownersOf('vip4', 4, owners),
      ownersOf('vip6', 6, owners),
      ...owners.flatMap(setsOf),
      ...owners.map(admissionOf),
    ],
    chains: [
      ...owners.map(admittingChain),
      {
        name: 'enter',
        hook: { number: HOOK.prerouting, priority: INET_FIRST + 1 },
        rules: [
          loopback,
          rule('who has it?', ...solicited, by6),
          rule('whose address?', ipDestination, by4),
          rule('whose address?', ip6Destination, by6),
        ],
      },
      {
        name: 'leave',
        hook: { number: HOOK.output, priority: INET_FIRST + 1 },
        rules: [rule('I have it', ...advertised, by6), rule('asks in its name', ...solicitedBy, by6)],
      },
    ],
  }
}

export const openArp = (owners: readonly Owner[]): Table => ({
  family: NFPROTO_ARP,
  name: OPEN_TABLE,
  owned: true,
  sets: [ownersOf('vip4', 4, owners), ...owners.flatMap(setsOf)],
  chains: [
    ...owners.map(askingChain),
    {
      name: 'enter',
      hook: { number: HOOK.arpIn, priority: ARP_FIRST + 1 },
      rules: [rule('who has it?', arpRequest, arpTarget, goByMap('vip4'))],
    },
    {
      name: 'leave',
      hook: { number: HOOK.arpOut, priority: ARP_FIRST + 1 },
      rules: [rule('speaks in its name', arpSender, goByMap('vip4'))],
    },
  ],
})

const ownerChain = (owner: string): string => `owner-${owner}`

const ownersOf = (name: string, version: 4 | 6, owners: readonly Owner[]): GateSet => ({
  name,
  key: version === 4 ? 'ipv4' : 'ipv6',
  holds: 'chains',
  elements: owners.flatMap((owner) =>
    owner.addresses
      .filter((address) => address.version === version)
      .map(({ bytes }) => ({ key: bytes, goto: ownerChain(owner.name) })),
  ),
})

const setsOf = (owner: Owner): readonly GateSet[] =>
  openSets(owner.name).map((name) => ({ name, key: 'family', holds: 'timeouts', elements: [] }))

const chainOf = (owner: Owner): Chain => ({ name: ownerChain(owner.name), rules: openSets(owner.name).map(openBy) })

const openBy = (set: string): Rule => rule('open', family, isIn(set), mark)

/** What admits comes first: when the gate opens, `open` is there before it is gone. */
const admittingChain = (owner: Owner): Chain => {
  const { name, rules } = chainOf(owner)
  const admit = rule('handed on by the old holder', anyIpv4, etherSource, isIn(admitSet(owner.name)), mark)
  return { name, rules: [admit, ...rules] }
}

/** After that the address is not in the packet any more, and nothing else concerns it. */
const askingChain = (owner: Owner): Chain => {
  const { name, rules } = chainOf(owner)
  if (owner.asking === undefined) return { name, rules }
  const open = rule('open', isMarked, accept)
  const ask = rule('asks in its own name', goingOut, arpRequest, arpSenderFrom(owner.asking), accept)
  return { name, rules: [...rules, open, ask] }
}

const admissionOf = ({ name }: Owner): GateSet => ({
  name: admitSet(name),
  key: 'mac',
  holds: 'timeouts',
  elements: [],
})
