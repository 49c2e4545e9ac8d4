import {
  accept,
  compare,
  destination,
  drop,
  etherSource,
  goTo,
  icmpUnreachable,
  isIn,
  isMarked,
  remember,
  sendTo,
  tcp,
  tcpFlow,
  tcpOpening,
  toThisBox,
  toThisInterface,
} from './expressions.ts'
import { type Element, NFPROTO_IPV4 } from './nftables.ts'
import { HAND_ON_PRIORITY, HOOK, handOnTableOf, loopback, rule, type Table } from './tables.ts'

/** Where to, as the kernel takes it. */
export type HandOnPath = { readonly to: Uint8Array; readonly mac: Uint8Array; readonly interfaceIndex: number }

/** Addresses that are handed on, each until its timeout. */
export const HANDED_ON = 'vip4'
const FLOWS = 'flows'
/** How long a connection whose beginning was handed on may say nothing and still be known. */
const FLOW_TIMEOUT_MS = 60_000

/**
 * PURE: what the old holder hands on in a planned move, one table for each instance (`dup` has none in the family inet). It
 * lies between what marks the packets of an open owner and what drops those that are not marked, so that each packet is
 * taken here, or handed on, whenever the gate closes on its way.
 *
 * A connection whose beginning was handed on goes the same way with all its packets, until the client knows the new
 * holder's hardware address: that is what `flows` is for. All others are this box's own, as long as the address is here.
 */
export function handOnTable(owner: string, path: HandOnPath, elements: readonly Element[]): Table {
  const there = sendTo(path.to, path.interfaceIndex)
  const open = rule('open: stays here', isMarked, accept)
  return {
    family: NFPROTO_IPV4,
    name: handOnTableOf(owner),
    owned: false,
    sets: [
      { name: HANDED_ON, key: 'ipv4', holds: 'timeouts', elements },
      { name: FLOWS, key: 'tcp-flow', holds: 'flows', elements: [] },
    ],
    chains: [
      {
        name: 'enter',
        hook: { number: HOOK.prerouting, priority: HAND_ON_PRIORITY },
        rules: [loopback, open, rule('moved', destination, isIn(HANDED_ON), goTo('moved'))],
      },
      {
        name: 'moved',
        rules: [
          rule('never back', etherSource, compare('eq', path.mac), accept),
          rule('still here', toThisBox, goTo('here')),
          rule('still here, in a VRF', toThisInterface, goTo('here')),
          rule('a stray', there, drop),
        ],
      },
      {
        name: 'here',
        rules: [
          rule('for connections of either', icmpUnreachable, there, accept),
          rule('a connection begins there', tcpOpening, tcpFlow, remember(FLOWS, FLOW_TIMEOUT_MS)),
          rule('a connection begins there', tcpOpening, there, drop),
          rule('and goes on there', tcp, tcpFlow, isIn(FLOWS), there, drop),
          rule('own connections may finish', tcp, accept),
          rule('anything else', there, drop),
        ],
      },
    ],
  }
}
