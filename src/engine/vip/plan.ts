import { type Ipv4Prefix, sameSubnet } from '../../shared/ip.ts'
import type { KernelAddress } from '../io/rtnetlink.ts'

/** PURE: what has to be done so that the kernel's addresses become the desired ones. */

/** A desired address on an interface that exists; `label` as it shall be read back. */
export type Wanted = {
  readonly interfaceIndex: number
  readonly interfaceName: string
  readonly address: Ipv4Prefix
  readonly label: string
}

/** An address of the kernel, with haup's mark or without. */
export type Present = KernelAddress & { readonly interfaceName: string; readonly ours: boolean }

export type Plan = {
  /** Before anything is added: in the way of one to be added (same address and prefix, other label), or in front of the box's own. */
  readonly removeFirst: readonly Present[]
  readonly add: readonly (Wanted & { readonly ownRoute: boolean })[]
  readonly remove: readonly Present[]
  /** Wanted, but there already without haup's mark. */
  readonly foreign: readonly Present[]
}

/**
 * `removable`: those of ours that this call may take away; all others of ours stay. An address whose prefix length
 * changed is added anew before the old one goes, so that it is never absent.
 */
export function planAddresses(
  wanted: readonly Wanted[],
  present: readonly Present[],
  removable: (address: Present) => boolean,
): Plan {
  const ours = present.filter((each) => each.ours)
  const others = present.filter((each) => !each.ours)
  const [wantedEntries, wantedSlots] = [keysOf(wanted, entry), keysOf(wanted, slot)]
  const [wantedHosts, oursEntries] = [keysOf(wanted, host), keysOf(ours, entry)]
  const foreign = others.filter((each) => wantedHosts.has(host(each)))
  const foreignHosts = keysOf(foreign, host)
  const surplus = ours.filter((each) => !wantedEntries.has(entry(each)))
  const inFront = ours.filter((each) => wantedEntries.has(entry(each)) && isInFront(each, others))
  const inFrontEntries = keysOf(inFront, entry)
  const missing = wanted.filter((want) => !oursEntries.has(entry(want)) && !foreignHosts.has(host(want)))
  const again = wanted.filter((want) => inFrontEntries.has(entry(want)))
  return {
    removeFirst: [...surplus.filter((each) => wantedSlots.has(slot(each))), ...inFront],
    add: [...missing, ...again].map((want) => ({ ...want, ownRoute: needsRoute(want, others) })),
    remove: surplus.filter((each) => !wantedSlots.has(slot(each)) && removable(each)),
    foreign,
  }
}

/** What a read-back still lacks, and what it should not hold any more. */
export function differences(
  wanted: readonly Wanted[],
  present: readonly Present[],
  removed: readonly Present[],
): { readonly missing: readonly Wanted[]; readonly remaining: readonly Present[] } {
  const ours = present.filter((each) => each.ours)
  const [oursEntries, wantedEntries, removedEntries] = [
    keysOf(ours, entry),
    keysOf(wanted, entry),
    keysOf(removed, entry),
  ]
  return {
    missing: wanted.filter((want) => !oursEntries.has(entry(want))),
    remaining: ours.filter((each) => removedEntries.has(entry(each)) && !wantedEntries.has(entry(each))),
  }
}

/**
 * Whether an address may bring the route to its subnet (a /32 has none anyway). Not when another's address makes the subnet reachable already:
 * a second route (a longer prefix, or through another interface) would draw the box's own traffic, with the virtual
 * address as its source. With the same prefix on the same interface the kernel makes the address a secondary, which
 * brings no route by itself and takes the route over should the primary go: then the flag must not forbid it.
 */
function needsRoute(want: Wanted, others: readonly Present[]): boolean {
  if (want.address.length === 32) return true
  const covering = others.filter((each) => sameSubnet(each.address.address, want.address.address, each.address.length))
  const isPrimary = (each: Present): boolean =>
    each.interfaceIndex === want.interfaceIndex && each.address.length === want.address.length
  return covering.length === 0 || covering.some(isPrimary)
}

/**
 * Whether it is primary, and an address of the box's own came after it: then the kernel takes the virtual address as the
 * source of what the box says by itself. So it is after somebody took both away and put the own one back.
 */
const isInFront = (each: Present, others: readonly Present[]): boolean =>
  !each.secondary &&
  others.some(
    (other) =>
      other.secondary &&
      other.interfaceIndex === each.interfaceIndex &&
      other.address.length === each.address.length &&
      sameSubnet(other.address.address, each.address.address, each.address.length),
  )

type Entry = Pick<Wanted, 'interfaceIndex' | 'address' | 'label'>

/** An address on an interface. */
const host = (each: Entry): string => `${each.interfaceIndex} ${each.address.address}`

/** What the kernel takes for the same address: it holds one only per interface, address and prefix length. */
const slot = (each: Entry): string => `${host(each)}/${each.address.length}`

const entry = (each: Entry): string => `${slot(each)} ${each.label}`

const keysOf = (list: readonly Entry[], key: (each: Entry) => string): ReadonlySet<string> => new Set(list.map(key))
