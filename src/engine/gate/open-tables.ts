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
  mark,
} from './expressions.ts'
import { NFPROTO_ARP, NFPROTO_INET } from './nftables.ts'

import {
  ARP_FIRST,
  admitSet,
  advertised,
  askingMap,
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
      ...owners.map((owner) => chainOf(owner, admitted(owner))),
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
  sets: [ownersOf('vip4', 4, owners), ...owners.flatMap(setsOf), ...owners.map(askingOf)],
  chains: [
    ...owners.map((owner) => chainOf(owner, asking(owner))),
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

const chainOf = (owner: Owner, extra: Rule): Chain => ({
  name: ownerChain(owner.name),
  // What admits comes first: when the gate opens, `open` is there before it is gone.
  rules: [extra, ...openSets(owner.name).map((set) => rule('open', family, isIn(set), mark))],
})

const admitted = ({ name }: Owner): Rule =>
  rule('handed on by the old holder', anyIpv4, etherSource, isIn(admitSet(name)), mark)

/** After that the address is not in the packet any more, and nothing else concerns it. */
const asking = ({ name }: Owner): Rule =>
  rule('asks in its own name', goingOut, arpRequest, arpSenderFrom(askingMap(name)), accept)

const admissionOf = ({ name }: Owner): GateSet => ({
  name: admitSet(name),
  key: 'mac',
  holds: 'timeouts',
  elements: [],
})

const askingOf = ({ name }: Owner): GateSet => ({
  name: askingMap(name),
  key: 'family',
  holds: 'addresses',
  elements: [],
})
