import { ipv4ToBytes } from '../../shared/ip.ts'
import { ok, type Result } from '../../shared/result.ts'
import { type Micros, minus, toMillis } from '../../shared/units.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import type { Admission, HandOn } from '../ports.ts'
import type { Mac } from '../vrrp/arp.ts'
import { HANDED_ON, type HandOnPath, handOnTable } from './hand-on-table.ts'
import { createTables } from './layout-requests.ts'
import { addElements, deleteTable, type Element, flushSet, NFPROTO_INET, NFPROTO_IPV4 } from './nftables.ts'
import { admitSet, handOnTableOf, OPEN_TABLE, type Table } from './tables.ts'

/** PURE: what a planned move asks of the kernel: the new holder admits what the old one hands on. */

export type Admitted = { readonly admission: Admission; readonly until: Micros }

export type Moved = { readonly path: HandOnPath; readonly addresses: readonly Uint8Array[]; readonly until: Micros }

/** Replaces what was admitted before. Nothing when its time is over. */
export function admitting(owner: string, { admission, until }: Admitted, now: Micros): readonly NetlinkRequest[] {
  const timeout = left(until, now)
  if (timeout < 1) return []
  return [
    ...endAdmission(owner),
    ...addElements(NFPROTO_INET, OPEN_TABLE, admitSet(owner), [{ key: macBytes(admission.from), timeout }]),
  ]
}

export const endAdmission = (owner: string): readonly NetlinkRequest[] => [
  flushSet(NFPROTO_INET, OPEN_TABLE, admitSet(owner)),
]

/** `before`: what is there already. */
export function handingOn(
  owner: string,
  moved: Moved,
  before: Moved | undefined,
  now: Micros,
): readonly NetlinkRequest[] {
  if (before === undefined) return createTables([tableOf(owner, moved, now)])
  // What has begun on the new holder goes on there.
  if (isSamePath(before.path, moved.path)) return refreshed(owner, moved, now)
  return [endHandingOn(owner), ...createTables([tableOf(owner, moved, now)])]
}

/** For a set-up. */
export function handingOnAgain(
  owner: string,
  moved: Moved,
  kept: ReadonlySet<string>,
  now: Micros,
): readonly NetlinkRequest[] {
  if (!isHandedOn(moved, now)) return []
  return kept.has(handOnTableOf(owner)) ? refreshed(owner, moved, now) : createTables([tableOf(owner, moved, now)])
}

export const endHandingOn = (owner: string): NetlinkRequest => deleteTable(NFPROTO_IPV4, handOnTableOf(owner))

export const isHandedOn = (moved: Moved, now: Micros): boolean => left(moved.until, now) >= 1

export const tableOf = (owner: string, moved: Moved, now: Micros): Table =>
  handOnTable(owner, moved.path, elementsOf(moved, now))

export function pathOf(
  { to, mac, interface: name }: HandOn,
  indexOf: (name: string) => Result<number, string>,
): Result<HandOnPath, string> {
  const index = indexOf(name)
  return index.ok ? ok({ to: ipv4ToBytes(to), mac: macBytes(mac), interfaceIndex: index.value }) : index
}

const refreshed = (owner: string, moved: Moved, now: Micros): readonly NetlinkRequest[] => [
  flushSet(NFPROTO_IPV4, handOnTableOf(owner), HANDED_ON),
  ...addElements(NFPROTO_IPV4, handOnTableOf(owner), HANDED_ON, elementsOf(moved, now)),
]

const elementsOf = ({ addresses, until }: Moved, now: Micros): readonly Element[] =>
  addresses.map((key) => ({ key, timeout: left(until, now) }))

const isSamePath = (a: HandOnPath, b: HandOnPath): boolean =>
  a.to.join() === b.to.join() && a.mac.join() === b.mac.join() && a.interfaceIndex === b.interfaceIndex

const macBytes = (mac: Mac): Uint8Array => Uint8Array.from(mac.split(':'), (byte) => Number.parseInt(byte, 16))

/** Milliseconds. */
export const left = (until: Micros, now: Micros): number => Math.floor(toMillis(minus(until, now)))
