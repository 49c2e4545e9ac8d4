import { EXIT, UserError } from '../../shared/errors.ts'
import { formatPrefix, type Ipv4 } from '../../shared/ip.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { AddressPort, BoundAddress } from '../ports.ts'
import { among, changeAddresses, promoteWhereNeeded, readAddresses, whyNot } from './change.ts'
import { createClaims } from './claims.ts'
import { type Interfaces, kernelInterfaces } from './interfaces.ts'
import { type AddressKernel, createAddressKernel } from './kernel.ts'
import { differences, type Present, type Wanted } from './plan.ts'
import { type Tagging, tagLabel } from './tag.ts'
import { createTurns } from './turns.ts'

/**
 * Virtual addresses as desired state, in the network namespace of this process. Every address carries haup's mark
 * (`tag.ts`); nothing without it is removed, but by `withhold`. An address that somebody else had set before is used as it
 * is. What somebody put in the place of an address that an owner has (`ip addr replace` takes the mark away) is marked
 * again, so that it goes when the owner lets go. Calls are served one after the other; each ends within about two seconds,
 * with an error when the kernel does not answer. Needs CAP_NET_ADMIN.
 */
export function createAddressPort(
  kernel: AddressKernel = createAddressKernel(),
  interfaces: Interfaces = kernelInterfaces,
): AddressPort {
  const claims = createClaims()
  /** By owner: what the last reading found of it, if that was all; forgotten with each change, since owners may share. */
  const renewable = new Map<string, readonly Present[]>()
  let tagging: Tagging = 'protocol'
  const apply = async (owner: string, desired: readonly BoundAddress[]): Promise<Result<void, string>> => {
    renewable.clear()
    const adoptable = claims.settledBy([owner])
    claims.widen(owner, desired)
    const removable = claims.removableBy([owner])
    for (;;) {
      const wanted = resolve(desired, interfaces, tagging)
      if (!wanted.ok) return wanted
      const changed = await changeAddresses({ kernel, interfaces, wanted: wanted.value, removable, adoptable })
      if (!changed.ok) return changed
      if (changed.value.kind === 'read-back') {
        const error = whyNot(changed.value)
        if (error !== undefined) return err(error)
        claims.settle(owner, desired, changed.value.taken)
        return ok(undefined)
      }
      if (tagging === 'label') return err('the kernel keeps neither the protocol nor the label of an address')
      tagging = 'label'
    }
  }

  /** Owners that have nothing to do with each other, in one go; whoever is not done with that is served alone. */
  const applyAll = async (jobs: readonly Apply[]): Promise<readonly Result<void, string>[]> => {
    const together = jobs.length > 1 ? apart(jobs, claims.of) : []
    const done = together.length > 1 ? await applyTogether(together) : new Set<Apply>()
    const answers: Result<void, string>[] = []
    for (const job of jobs) answers.push(done.has(job) ? ok(undefined) : await apply(job.owner, job.desired))
    return answers
  }
  const applyTogether = async (jobs: readonly Apply[]): Promise<ReadonlySet<Apply>> => {
    renewable.clear()
    const resolved = jobs.flatMap((job) => {
      const wanted = resolve(job.desired, interfaces, tagging)
      return wanted.ok ? { job, wanted: wanted.value } : []
    })
    const owners = resolved.map(({ job }) => job.owner)
    const adoptable = claims.settledBy(owners)
    for (const { job } of resolved) claims.widen(job.owner, job.desired)
    const [removable, ownersOf] = [claims.removableBy(owners), claims.owners()]
    const wanted = resolved.map((each) => each.wanted)
    const changed = await changeAddresses({ kernel, interfaces, wanted: wanted.flat(), removable, adoptable })
    // Alone each owner is told what the matter is.
    if (!changed.ok || changed.value.kind === 'untagged') return new Set()
    const { taken, missing, remaining } = changed.value
    const [lacking, undone] = [new Set(missing), new Set(remaining.flatMap(ownersOf))]
    const isDone = ({ job, wanted }: (typeof resolved)[number]): boolean =>
      !undone.has(job.owner) && !wanted.some((want) => lacking.has(want))
    const done = resolved.filter(isDone).map(({ job }) => job)
    for (const { owner, desired } of done) claims.settle(owner, desired, taken)
    return new Set(done)
  }

  const renewAll = async (jobs: readonly Renewal[]): Promise<readonly Result<void, string>[]> => {
    const known = jobs.map(({ owner, seconds }) => ({ found: renewable.get(owner), seconds }))
    const limited = await limit(known.map(({ found, seconds }) => ({ found: found ?? [], seconds })))
    // Refused when one of them is not there any more: then what is there is read.
    const stale = jobs.filter((_, at) => known[at]?.found === undefined || limited[at] !== undefined)
    const failures = stale.length === 0 ? new Map() : await renewAnew(stale)
    return jobs.map((job) => {
      const failure: string | undefined = failures.get(job)
      return failure === undefined ? ok(undefined) : err(failure)
    })
  }
  /** Of each the first failure. */
  const limit = async (
    renewals: readonly { readonly found: readonly Present[]; readonly seconds: number }[],
  ): Promise<readonly (string | undefined)[]> => {
    const failures: (string | undefined)[] = renewals.map(() => undefined)
    for (const seconds of new Set(renewals.map((each) => each.seconds))) {
      const same = renewals.flatMap(({ found, ...each }, at) =>
        each.seconds === seconds ? found.map((address) => ({ at, address })) : [],
      )
      const replies = await kernel.limit(
        same.map(({ address }) => address),
        seconds,
      )
      for (const [index, { at }] of same.entries()) {
        const reply = replies[index]
        if (reply?.ok === false) failures[at] ??= reply.error.message
      }
    }
    return failures
  }
  const renewAnew = async (jobs: readonly Renewal[]): Promise<ReadonlyMap<Renewal, string>> => {
    for (const { owner } of jobs) renewable.delete(owner)
    const present = await readAddresses(kernel, interfaces)
    if (!present.ok) return new Map(jobs.map((job) => [job, present.error]))
    const [ownersOf, own] = [claims.owners(), new Map<string, Present[]>(jobs.map(({ owner }) => [owner, []]))]
    for (const each of present.value) {
      if (each.ours) for (const owner of ownersOf(each)) own.get(owner)?.push(each)
    }
    const failures = await limit(jobs.map(({ owner, seconds }) => ({ found: own.get(owner) ?? [], seconds })))
    const failed = new Map<Renewal, string>()
    for (const [at, job] of jobs.entries()) {
      const [failure, found] = [failures[at], own.get(job.owner) ?? []]
      if (failure !== undefined) failed.set(job, `cannot limit a lifetime: ${failure}`)
      else if (found.length === claims.count(job.owner)) renewable.set(job.owner, found)
    }
    return failed
  }
  const check = async (desired: readonly BoundAddress[]): Promise<Result<void, string>> => {
    const wanted = resolve(desired, interfaces, tagging)
    return wanted.ok ? ok(undefined) : wanted
  }

  const missingOf = async (
    jobs: readonly (readonly BoundAddress[])[],
  ): Promise<readonly Result<readonly BoundAddress[], string>[]> => {
    const present = await readAddresses(kernel, interfaces)
    if (!present.ok) return jobs.map(() => present)
    const taken = present.value.filter((each) => !each.ours && !claims.wasOurs(each))
    const wanted = jobs.map((desired) => resolve(desired, interfaces, tagging))
    const all = wanted.flatMap((each) => (each.ok ? each.value : []))
    const served = new Set(among(all, taken))
    const unmet = all.filter((want) => !served.has(want))
    const lost = new Set(differences(unmet, present.value, []).missing)
    return wanted.map((each) => (each.ok ? ok(each.value.filter((want) => lost.has(want)).map(asBound)) : each))
  }

  /** Those of them that the kernel has and that are not haup's. */
  const others = async (desired: readonly BoundAddress[]): Promise<Result<readonly Present[], string>> => {
    const present = await readAddresses(kernel, interfaces)
    if (!present.ok) return present
    const isOne = (each: Present): boolean =>
      desired.some((want) => want.interface === each.interfaceName && isAddress(want, each.address.address))
    return ok(present.value.filter((each) => !each.ours && !claims.wasOurs(each) && isOne(each)))
  }
  const withhold = async (desired: readonly BoundAddress[]): Promise<Result<readonly BoundAddress[], string>> => {
    const found = await others(desired)
    if (!found.ok || found.value.length === 0) return found.ok ? ok([]) : found
    const failures = await promoteWhereNeeded(kernel, found.value)
    const replies = await kernel.withhold(found.value.map(({ interfaceName: _, ours: __, ...each }) => each))
    const left = await others(desired)
    if (!left.ok) return left
    if (left.value.length === 0) return ok(found.value.map(asBound))
    const refused = replies.flatMap((reply) => (reply.ok ? [] : reply.error.message))
    const names = left.value.map((each) => `${formatPrefix(each.address)} from ${each.interfaceName}`).join(', ')
    return err(`cannot take ${names} away: ${[...refused, ...failures][0] ?? 'the kernel kept it'}`)
  }

  const turns = createTurns()
  const [applying, renewing] = [turns.together(applyAll), turns.together(renewAll)]
  const missing = turns.together(missingOf)

  return {
    apply: (owner, desired) => applying(owner, { owner, desired }),
    renew: (owner, seconds) => renewing(owner, { owner, seconds }),
    check: (desired) => turns.alone(() => check(desired)),
    missing: (desired) => missing(undefined, desired),
    others: (desired) =>
      turns.alone(async () => {
        const found = await others(desired)
        return found.ok ? ok(found.value.map(asBound)) : found
      }),
    withhold: (desired) => turns.alone(() => withhold(desired)),
    cleanup: () =>
      turns.alone(async () => {
        renewable.clear()
        const removed = await removeAll(kernel, interfaces)
        await kernel.giveBack()
        await kernel.unpromote()
        claims.clear()
        return removed
      }),
    close: kernel.close,
  }
}

type Apply = { readonly owner: string; readonly desired: readonly BoundAddress[] }
type Renewal = { readonly owner: string; readonly seconds: number }

/** Those that share no address with one before, neither by what they want nor by what they had. */
function apart(jobs: readonly Apply[], had: (owner: string) => readonly BoundAddress[]): readonly Apply[] {
  const taken = new Set<Ipv4>()
  return jobs.filter(({ owner, desired }) => {
    const own = [...desired, ...had(owner)].map(({ address }) => address.address)
    if (own.some((each) => taken.has(each))) return false
    for (const each of own) taken.add(each)
    return true
  })
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

const isAddress = (bound: BoundAddress, address: Ipv4): boolean => bound.address.address === address
