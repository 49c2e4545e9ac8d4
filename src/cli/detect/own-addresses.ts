import type { HostAddress } from './facts.ts'

/** Those of the box itself: a virtual address that haup holds comes and goes. PURE. */
export const ownAddresses = (addresses: readonly HostAddress[]): HostAddress[] =>
  addresses.filter((each) => each.isOurs !== true)
