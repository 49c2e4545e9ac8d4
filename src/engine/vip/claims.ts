import { formatPrefix, type Ipv4 } from '../../shared/ip.ts'
import type { BoundAddress } from '../ports.ts'
import type { Present } from './plan.ts'

/** Which owner has what. */
export type Claims = {
  /** What the owner may have in the kernel from now on: as before, and what it asks for. */
  readonly widen: (owner: string, desired: readonly BoundAddress[]) => void
  /** `taken` are others' addresses, which serve for what the owner asks for. */
  readonly settle: (owner: string, desired: readonly BoundAddress[], taken: readonly Present[]) => void
  readonly clear: () => void
  /** Some owner had it after its last call, with haup's mark. */
  readonly wasOurs: (address: Present) => boolean
  /** How many addresses of its own the owner had after its last call. */
  readonly count: (owner: string) => number
  /** What these owners had in the kernel after their last calls, as it is there now. */
  readonly settledBy: (owners: readonly string[]) => (address: Present) => boolean
  /** The addresses of these owners, on whatever interface they are now, that no other owner wants there. */
  readonly removableBy: (owners: readonly string[]) => (address: Present) => boolean
  /** Whose it is to take away an address, in the sense of `removableBy`. */
  readonly owners: () => (address: Present) => readonly string[]
  /** The addresses that the owner may have in the kernel. */
  readonly of: (owner: string) => readonly BoundAddress[]
}

type Claim = { readonly owner: string; readonly interface: string }

export function createClaims(): Claims {
  const claimed = new Map<string, readonly BoundAddress[]>()
  const settled = new Map<string, readonly BoundAddress[]>()

  const owners = (): ((address: Present) => readonly string[]) => {
    const claims = new Map<Ipv4, Claim[]>()
    for (const [owner, list] of claimed) {
      for (const { address, interface: name } of list) {
        const known = claims.get(address.address)
        if (known === undefined) claims.set(address.address, [{ owner, interface: name }])
        else known.push({ owner, interface: name })
      }
    }
    return ({ address, interfaceName }) => {
      const own = claims.get(address.address) ?? []
      const there = new Set(own.filter((each) => each.interface === interfaceName).map(({ owner }) => owner))
      if (there.size > 1) return []
      return there.size === 1 ? [...there] : [...new Set(own.map(({ owner }) => owner))]
    }
  }
  return {
    widen: (owner, desired) => claimed.set(owner, [...(claimed.get(owner) ?? []), ...desired]),
    settle: (owner, desired, taken) => {
      claimed.set(owner, desired)
      const isTaken = ({ interface: name, address }: BoundAddress): boolean =>
        taken.some((each) => each.interfaceName === name && each.address.address === address.address)
      settled.set(
        owner,
        desired.filter((each) => !isTaken(each)),
      )
    },
    clear: () => {
      claimed.clear()
      settled.clear()
    },
    count: (owner) => settled.get(owner)?.length ?? 0,
    settledBy: (names) => isIn(names.flatMap((owner) => settled.get(owner) ?? [])),
    wasOurs: (address) => [...settled.values()].some((list) => isIn(list)(address)),
    removableBy: (names) => {
      const [wanted, ownersOf] = [new Set(names), owners()]
      return (address) => ownersOf(address).some((owner) => wanted.has(owner))
    },
    owners,
    of: (owner) => claimed.get(owner) ?? [],
  }
}

function isIn(list: readonly BoundAddress[]): (address: Present) => boolean {
  const keys = new Set(list.map((each) => `${each.interface} ${formatPrefix(each.address)}`))
  return ({ interfaceName, address }) => keys.has(`${interfaceName} ${formatPrefix(address)}`)
}
