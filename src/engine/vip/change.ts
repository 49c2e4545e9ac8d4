import { formatPrefix } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { NetlinkFailure, NetlinkReply } from '../io/netlink-exchange.ts'
import type { Interfaces } from './interfaces.ts'
import type { AddressKernel } from './kernel.ts'
import { differences, type Plan, type Present, planAddresses, type Wanted } from './plan.ts'
import { HAUP_PROTOCOL, isOurs } from './tag.ts'

/** What the kernel has after a change. */
export type Changed =
  | {
      readonly kind: 'read-back'
      /** Others' addresses that stand for wanted ones and are used as they are. */
      readonly taken: readonly Present[]
      readonly missing: readonly Wanted[]
      readonly remaining: readonly Present[]
      /** What the kernel said to what it refused. */
      readonly failures: readonly string[]
    }
  /** The kernel took the addresses without our mark; they have been removed again. */
  | { readonly kind: 'untagged' }

export type Change = {
  readonly kernel: AddressKernel
  readonly interfaces: Interfaces
  readonly wanted: readonly Wanted[]
  readonly removable: (address: Present) => boolean
  /** Without our mark, but in the place of what was ours: to be marked again. */
  readonly adoptable: (address: Present) => boolean
}

/**
 * Reads, changes what differs, and reads back. One dump when nothing differs, two otherwise. An address that somebody else
 * has set where one is wanted serves as well and stays as it is.
 */
export async function changeAddresses({
  kernel,
  interfaces,
  wanted,
  removable,
  adoptable,
}: Change): Promise<Result<Changed, string>> {
  const found = await readAddresses(kernel, interfaces)
  if (!found.ok) return found
  const before = await adopt(kernel, interfaces, found.value, adoptable)
  if (!before.ok) return before
  const plan = planAddresses(wanted, before.value, removable)
  const outgoing = [...plan.removeFirst, ...plan.remove]
  const same: Changed = { kind: 'read-back', taken: plan.foreign, missing: [], remaining: [], failures: [] }
  if (plan.add.length === 0 && outgoing.length === 0) return ok(same)
  const { added, failures } = await carryOut(kernel, plan)
  const changed = await readAddresses(kernel, interfaces)
  if (!changed.ok) return changed
  // Whoever took it away may have put it back while it was being added: still in the place of what was ours.
  const after = await adopt(kernel, interfaces, changed.value, adoptable)
  if (!after.ok) return after
  const strangers = after.value.filter((each) => !each.ours)
  const unmarked = among(strangers, added)
  if (unmarked.length > 0) {
    await kernel.remove(unmarked)
    return ok({ kind: 'untagged' })
  }
  const taken = among(strangers, wanted)
  const served = new Set(among(wanted, taken))
  const unmet = wanted.filter((want) => !served.has(want))
  return ok({ kind: 'read-back', taken, failures, ...differences(unmet, after.value, outgoing) })
}

/** Why the addresses are not as they should be; undefined: they are. */
export const whyNot = ({
  missing,
  remaining,
  failures,
}: Extract<Changed, { kind: 'read-back' }>): string | undefined =>
  missing.length === 0 && remaining.length === 0 ? undefined : (failures[0] ?? describeDifference(missing, remaining))

/** Marks what is to be adopted and reads again; a kernel that keeps no protocol leaves it a stranger's. */
async function adopt(
  kernel: AddressKernel,
  interfaces: Interfaces,
  found: readonly Present[],
  adoptable: (address: Present) => boolean,
): Promise<Result<readonly Present[], string>> {
  const strangers = found.filter((each) => !each.ours && adoptable(each))
  if (strangers.length === 0) return ok(found)
  await kernel.mark(strangers.map((each) => ({ ...each, protocol: HAUP_PROTOCOL })))
  return readAddresses(kernel, interfaces)
}

export async function readAddresses(
  kernel: AddressKernel,
  interfaces: Interfaces,
): Promise<Result<readonly Present[], string>> {
  const list = await kernel.list()
  if (!list.ok) return err(`cannot read the addresses: ${list.error.message}`)
  const names = new Map<number, string | undefined>()
  return ok(
    list.value.flatMap((each) => {
      const index = each.interfaceIndex
      if (!names.has(index)) names.set(index, interfaces.nameOf(index))
      const interfaceName = names.get(index)
      // Removed since the dump: its addresses went with it.
      if (interfaceName === undefined) return []
      return [{ ...each, interfaceName, ours: isOurs(each, interfaceName) }]
    }),
  )
}

/**
 * A virtual address with a shorter prefix than /32 may be the primary of an address of the box's own, or its secondary.
 * By default the kernel removes secondaries together with their primary, in either direction a disaster, so
 * `promote_secondaries` is turned on for the interface first (systemd's default on most systems anyway).
 */
export async function promoteWhereNeeded(
  kernel: AddressKernel,
  touched: readonly (Wanted | Present)[],
): Promise<string[]> {
  const shared = touched.filter((each) => each.address.length < 32).map((each) => each.interfaceIndex)
  const replies = await kernel.promote([...new Set(shared)])
  return replies.flatMap((reply) => (reply.ok ? [] : `cannot set promote_secondaries: ${describeFailure(reply.error)}`))
}

type CarriedOut = { readonly added: readonly Wanted[]; readonly failures: readonly string[] }

async function carryOut(kernel: AddressKernel, plan: Plan): Promise<CarriedOut> {
  const failures = await promoteWhereNeeded(kernel, [...plan.removeFirst, ...plan.add, ...plan.remove])
  // Better no address than one that may take the box's own along.
  const adding = failures.length === 0 ? plan.add : []
  const cleared = await kernel.remove(plan.removeFirst)
  const added = await kernel.add(adding.map((each) => ({ ...each, protocol: HAUP_PROTOCOL })))
  const removed = await kernel.remove(plan.remove)
  return {
    added: adding.filter((_, at) => added[at]?.ok === true),
    failures: [
      ...failures,
      ...failuresOf(cleared, plan.removeFirst, 'remove', 'from'),
      ...failuresOf(added, adding, 'add', 'to'),
      ...failuresOf(removed, plan.remove, 'remove', 'from'),
    ],
  }
}

const failuresOf = (
  replies: readonly NetlinkReply[],
  subjects: readonly (Wanted | Present)[],
  verb: string,
  preposition: string,
): string[] =>
  replies.flatMap((reply, at) => {
    const subject = subjects[at]
    if (reply.ok || subject === undefined) return []
    const { address, interfaceName } = subject
    return `cannot ${verb} ${formatPrefix(address)} ${preposition} ${interfaceName}: ${describeFailure(reply.error)}`
  })

const describeFailure = ({ code, message }: NetlinkFailure): string =>
  code === 'EPERM' ? 'EPERM: haup needs the capability CAP_NET_ADMIN' : message

/** Those that are the same address on the same interface as one of the others, whatever its prefix length and label. */
export function among<T extends Wanted | Present>(
  list: readonly T[],
  others: readonly (Wanted | Present)[],
): readonly T[] {
  const places = new Set(others.map(placeOf))
  return list.filter((each) => places.has(placeOf(each)))
}

const placeOf = ({ interfaceIndex, address }: Wanted | Present): string => `${interfaceIndex} ${address.address}`

const describeDifference = (missing: readonly Wanted[], remaining: readonly Present[]): string =>
  [
    ...missing.map((each) => `${formatPrefix(each.address)} is not on ${each.interfaceName} after it was added`),
    ...remaining.map((each) => `${formatPrefix(each.address)} is still on ${each.interfaceName} after it was removed`),
  ].join('; ')
