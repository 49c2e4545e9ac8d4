import { EXIT, UserError } from '../../shared/errors.ts'
import { formatPrefix, type Ipv4 } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { AddressPort, BoundAddress } from '../ports.ts'
import { changeAddresses, checkAddresses, promoteWhereNeeded, readAddresses } from './change.ts'
import { type Interfaces, kernelInterfaces } from './interfaces.ts'
import { type AddressKernel, createAddressKernel } from './kernel.ts'
import { differences, type Present, type Wanted } from './plan.ts'
import { type Tagging, tagLabel } from './tag.ts'

/**
 * Virtual addresses as desired state, in the network namespace of this process. Every address carries haup's mark
 * (`tag.ts`); nothing without it is ever removed. What somebody put in the place of an address that
 * an owner has (`ip addr replace` takes the mark away) is marked again, so that it goes when the owner lets go. Calls are served one after the other; each ends within
 * about two seconds, with an error when the kernel does not answer. Needs CAP_NET_ADMIN.
 */
export function createAddressPort(
  kernel: AddressKernel = createAddressKernel(),
  interfaces: Interfaces = kernelInterfaces,
): AddressPort {
  const claims = createClaims()
  /** By owner: what the last reading found of it, if that was all; forgotten with each change, since owners may share. */
  const renewable = new Map<string, readonly Present[]>()
  let tagging: Tagging = 'protocol'
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const turn = last.then(action)
    last = turn.catch(() => undefined)
    return turn
  }
  const apply = async (owner: string, desired: readonly BoundAddress[]): Promise<Result<void, string>> => {
    renewable.clear()
    const adoptable = claims.settledBy(owner)
    claims.widen(owner, desired)
    const removable = claims.removableBy(owner)
    for (;;) {
      const wanted = resolve(desired, interfaces, tagging)
      if (!wanted.ok) return wanted
      const changed = await changeAddresses({ kernel, interfaces, wanted: wanted.value, removable, adoptable })
      if (!changed.ok) return changed
      if (changed.value === 'done') break
      if (tagging === 'label') return err('the kernel keeps neither the protocol nor the label of an address')
      tagging = 'label'
    }
    claims.settle(owner, desired)
    return ok(undefined)
  }

  const renew = async (owner: string, seconds: number): Promise<Result<void, string>> => {
    const known = renewable.get(owner)
    if (known !== undefined) {
      // Refused when one of them is not there any more: then what is there is read.
      const replies = await kernel.limit(known, seconds)
      if (replies.every((reply) => reply.ok)) return ok(undefined)
      renewable.delete(owner)
    }
    const own = claims.removableBy(owner)
    const present = await readAddresses(kernel, interfaces)
    if (!present.ok) return present
    const found = present.value.filter((each) => each.ours && own(each))
    const replies = await kernel.limit(found, seconds)
    const failed = replies.find((reply) => !reply.ok)
    if (failed !== undefined && !failed.ok) return err(`cannot limit a lifetime: ${failed.error.message}`)
    if (found.length === claims.count(owner)) renewable.set(owner, found)
    return ok(undefined)
  }
  const check = async (desired: readonly BoundAddress[]): Promise<Result<void, string>> => {
    const wanted = resolve(desired, interfaces, tagging)
    return wanted.ok ? checkAddresses(kernel, interfaces, wanted.value) : wanted
  }

  const missing = async (desired: readonly BoundAddress[]): Promise<Result<readonly BoundAddress[], string>> => {
    const wanted = resolve(desired, interfaces, tagging)
    if (!wanted.ok) return wanted
    const present = await readAddresses(kernel, interfaces)
    return present.ok ? ok(differences(wanted.value, present.value, []).missing.map(asBound)) : present
  }

  return {
    apply: (owner, desired) => inTurn(() => apply(owner, desired)),
    renew: (owner, seconds) => inTurn(() => renew(owner, seconds)),
    check: (desired) => inTurn(() => check(desired)),
    missing: (desired) => inTurn(() => missing(desired)),
    cleanup: () =>
      inTurn(async () => {
        renewable.clear()
        const removed = await removeAll(kernel, interfaces)
        await kernel.unpromote()
        claims.clear()
        return removed
      }),
    close: kernel.close,
  }
}

/** Every address of ours on every interface. Throws a UserError when that cannot be done. */
async function removeAll(kernel: AddressKernel, interfaces: Interfaces): Promise<readonly BoundAddress[]> {
  const before = ours(await readAddresses(kernel, interfaces))
  if (before.length === 0) return []
  const failures = await promoteWhereNeeded(kernel, before)
  const replies = await kernel.remove(before)
  const after = ours(await readAddresses(kernel, interfaces))
  if (after.length === 0) return before.map(asBound)
  const refused = replies.flatMap((reply) => (reply.ok ? [] : reply.error.message))
  const names = after.map((each) => `${each.address.address} on ${each.interfaceName}`).join(', ')
  throw unusable(`cannot remove ${names}: ${[...refused, ...failures][0] ?? 'the kernel kept them'}`)
}

function ours(read: Result<readonly Present[], string>): readonly Present[] {
  if (!read.ok) throw unusable(read.error)
  return read.value.filter((each) => each.ours)
}

const unusable = (message: string): UserError =>
  new UserError(message, {
    code: 'vip.cleanup',
    exitCode: EXIT.environment,
    nextSteps: ['Run haup as root, or with the capabilities CAP_NET_ADMIN and CAP_NET_RAW.'],
  })

const asBound = ({ interfaceName, address, label }: Wanted | Present): BoundAddress => ({
  interface: interfaceName,
  address,
  label: label === interfaceName ? undefined : label,
})

function resolve(
  desired: readonly BoundAddress[],
  interfaces: Interfaces,
  tagging: Tagging,
): Result<readonly Wanted[], string> {
  const wanted: Wanted[] = []
  for (const { interface: name, address, label } of desired) {
    const index = interfaces.indexOf(name)
    if (!index.ok) return err(`cannot add ${address.address}: ${index.error}`)
    const asked = label ?? name
    const marked = tagging === 'label' ? tagLabel(name) : asked
    wanted.push({ interfaceIndex: index.value, interfaceName: name, address, label: marked })
  }
  return ok(wanted)
}

type Claims = {
  /** What the owner may have in the kernel from now on: as before, and what it asks for. */
  readonly widen: (owner: string, desired: readonly BoundAddress[]) => void
  readonly settle: (owner: string, desired: readonly BoundAddress[]) => void
  readonly clear: () => void
  /** How many addresses the owner had after its last call. */
  readonly count: (owner: string) => number
  /** What the owner had in the kernel after its last call, as it is there now. */
  readonly settledBy: (owner: string) => (address: Present) => boolean
  /** The owner's addresses, on whatever interface they are now, that no other owner wants there. */
  readonly removableBy: (owner: string) => (address: Present) => boolean
}

function createClaims(): Claims {
  const claimed = new Map<string, readonly BoundAddress[]>()
  const settled = new Map<string, readonly BoundAddress[]>()
  return {
    widen: (owner, desired) => claimed.set(owner, [...(claimed.get(owner) ?? []), ...desired]),
    settle: (owner, desired) => {
      claimed.set(owner, desired)
      settled.set(owner, desired)
    },
    clear: () => {
      claimed.clear()
      settled.clear()
    },
    count: (owner) => settled.get(owner)?.length ?? 0,
    settledBy: (owner) => {
      const list = settled.get(owner) ?? []
      return ({ interfaceName, address }) =>
        list.some((each) => each.interface === interfaceName && formatPrefix(each.address) === formatPrefix(address))
    },
    removableBy: (owner) => (present) => {
      const claims = ([name, list]: readonly [string, readonly BoundAddress[]]): boolean =>
        name === owner
          ? false
          : list.some((each) => each.interface === present.interfaceName && isAddress(each, present.address.address))
      const own = (claimed.get(owner) ?? []).some((each) => isAddress(each, present.address.address))
      return own && ![...claimed].some(claims)
    },
  }
}

const isAddress = (bound: BoundAddress, address: Ipv4): boolean => bound.address.address === address
