import {
  accept,
  arpRequest,
  arpSender,
  arpSenderAndTarget,
  arpTarget,
  drop,
  goTo,
  icmp6Unreachable,
  icmpUnreachable,
  ip6Destination,
  ipDestination,
  isIn,
  tcpOfConnection,
  toThisBox,
  toThisInterface,
  unmark,
} from './expressions.ts'
import { NFPROTO_ARP, NFPROTO_INET } from './nftables.ts'

import {
  ARP_FIRST,
  advertised,
  CLOSED_TABLE,
  CLOSED_V4,
  HOOK,
  INET_FIRST,
  INET_LAST,
  keys,
  loopback,
  open,
  rule,
  solicited,
  solicitedBy,
  type Table,
} from './tables.ts'
/** PURE: the permanent tables; see tables.ts. */
export function closedInet(v4: readonly Uint8Array[], v6: readonly Uint8Array[]): Table {
  const [in4, in6] = [isIn(CLOSED_V4), isIn('vip6')]
  const foreign = 'a mark from elsewhere does not open'
  return {
    family: NFPROTO_INET,
    name: CLOSED_TABLE,
    owned: false,
    sets: [keys(CLOSED_V4, 'ipv4', v4), keys('vip6', 'ipv6', v6)],
    chains: [
      {
        name: 'unmark-in',
        hook: { number: HOOK.prerouting, priority: INET_FIRST },
        rules: [
          loopback,
          rule(foreign, ipDestination, in4, unmark),
          rule(foreign, ip6Destination, in6, unmark),
          rule(foreign, ...solicited, in6, unmark),
        ],
      },
      {
        name: 'unmark-out',
        hook: { number: HOOK.output, priority: INET_FIRST },
        rules: [rule(foreign, ...advertised, in6, unmark), rule(foreign, ...solicitedBy, in6, unmark)],
      },
      {
        name: 'enter',
        hook: { number: HOOK.prerouting, priority: INET_LAST },
        rules: [
          loopback,
          rule('who has it?', ...solicited, in6, goTo('speak')),
          rule('to a virtual address', ipDestination, in4, goTo('arrive')),
          rule('to a virtual address', ip6Destination, in6, goTo('arrive')),
        ],
      },
      {
        name: 'leave',
        hook: { number: HOOK.output, priority: INET_LAST },
        rules: [
          rule('I have it', ...advertised, in6, goTo('speak')),
          rule('asks in its name', ...solicitedBy, in6, goTo('speak')),
        ],
      },
      { name: 'speak', rules: [open, rule('closed', drop)] },
      {
        name: 'arrive',
        rules: [
          open,
          rule('held here', toThisBox, goTo('closed')),
          rule('held here, in a VRF', toThisInterface, goTo('closed')),
        ],
      },
      {
        name: 'closed',
        rules: [
          rule('connections that exist may finish', tcpOfConnection, accept),
          rule('and learn their path', icmpUnreachable, accept),
          rule('and learn their path', icmp6Unreachable, accept),
          rule('closed', drop),
        ],
      },
    ],
  }
}

export function closedArp(v4: readonly Uint8Array[]): Table {
  const inSet = isIn(CLOSED_V4)
  const foreign = 'a mark from elsewhere does not open'
  const announced = rule('the holder announces itself', arpSenderAndTarget, isIn('announced'), accept)
  return {
    family: NFPROTO_ARP,
    name: CLOSED_TABLE,
    owned: false,
    sets: [
      keys(CLOSED_V4, 'ipv4', v4),
      keys(
        'announced',
        'ipv4-pair',
        v4.map((bytes) => Uint8Array.of(...bytes, ...bytes)),
      ),
    ],
    chains: [
      {
        name: 'unmark-in',
        hook: { number: HOOK.arpIn, priority: ARP_FIRST },
        rules: [rule(foreign, arpTarget, inSet, unmark)],
      },
      {
        name: 'unmark-out',
        hook: { number: HOOK.arpOut, priority: ARP_FIRST },
        rules: [rule(foreign, arpSender, inSet, unmark)],
      },
      {
        name: 'enter',
        hook: { number: HOOK.arpIn, priority: ARP_FIRST + 2 },
        rules: [rule('who has it?', arpRequest, arpTarget, inSet, goTo('asked'))],
      },
      {
        name: 'leave',
        hook: { number: HOOK.arpOut, priority: ARP_FIRST + 2 },
        rules: [rule('speaks in its name', arpSender, inSet, goTo('speak'))],
      },
      { name: 'asked', rules: [open, announced, rule('closed', drop)] },
      { name: 'speak', rules: [open, rule('closed', drop)] },
    ],
  }
}
