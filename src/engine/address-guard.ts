import { formatPrefix, type Ipv4 } from '../shared/ip.ts'
import type { Log } from '../shared/log.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { AddressWatch, Clock, SeenAddress, WatchAddresses } from './ports.ts'
import type { RouterActuatorOptions } from './router-actions.ts'

export type AddressGuard = {
  /** Resolves when the addresses have been reported for the first time. */
  readonly start: () => Promise<void>
  /** Reports the addresses once more, to instances that are new. */
  readonly lookAgain: () => void
  readonly eventsOf: (instance: string) => Pick<RouterActuatorOptions, 'onMissing' | 'onRepaired'>
  readonly close: () => void
}

export type AddressGuardOptions = {
  readonly watchAddresses: WatchAddresses
  readonly instances: () => readonly InstancePlan[]
  readonly inspect: (instance: string) => void
  readonly dispatch: (event: EngineEvent) => void
  readonly clock: Clock
  readonly log: Log
  readonly onBug: (thrown: unknown) => void
}

/**
 * Turns changes of the kernel's addresses into events. A report may be older than what haup has done itself since, so
 * that what seems to be missing is looked at once more, in turn with the instance's own actions.
 */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const { instances, dispatch, clock, log } = options
  let watch: AddressWatch | undefined
  let last: readonly SeenAddress[] | undefined
  /** The addresses that are not ours, as the loop knows them. */
  let told: string | undefined
  let closed = false

  /** Of virtual addresses that are not ours, while they are here; null: not found. */
  const origins = new Map<string, string | null>()
  const looking = new Set<string>()
  const isForeign = ({ ours, address }: SeenAddress): boolean => !ours && virtualIn(instances()).has(address.address)

  const lookForOrigins = (): void => {
    const foreign = (last ?? []).filter(isForeign)
    for (const key of origins.keys()) if (!foreign.some((each) => keyOf(each) === key)) origins.delete(key)
    for (const each of foreign) {
      const key = keyOf(each)
      if (watch === undefined || origins.has(key) || looking.has(key)) continue
      looking.add(key)
      watch
        .originOf(each)
        .then((origin) => {
          looking.delete(key)
          origins.set(key, origin)
          if (last !== undefined) report(last)
        })
        .catch(options.onBug)
    }
  }
  const withOrigin = (each: SeenAddress): SeenAddress => {
    const origin = isForeign(each) ? origins.get(keyOf(each)) : undefined
    return origin === undefined ? each : { ...each, origin }
  }

  const report = (seen: readonly SeenAddress[]): void => {
    if (closed) return
    last = seen
    const traced = seen.map(withOrigin)
    const others = JSON.stringify(traced.filter(({ ours }) => !ours))
    // What haup itself sets and takes away tells the instances nothing.
    if (others !== told) dispatch({ kind: 'addresses', now: clock.now(), seen: traced })
    told = others
    lookForOrigins()
    const held = new Set(seen.filter(({ ours }) => ours).map(keyOf))
    for (const { name, bindings } of instances())
      if (!bindings.every((each) => held.has(keyOf(each)))) options.inspect(name)
  }

  return {
    start: async () => {
      const begun = await options.watchAddresses(report, (message) =>
        log({ level: 'warn', subject: 'haup', code: 'vip.watch', message }),
      )
      if (closed) begun.close()
      else watch = begun
      lookForOrigins()
    },
    lookAgain: () => {
      told = undefined
      if (last !== undefined) report(last)
    },
    eventsOf: (instance) => ({
      onMissing: (missing) => {
        dispatch({ kind: 'address-lost', now: clock.now(), instance, missing })
        const [first] = missing
        if (first === undefined) return
        watch
          ?.whoRemoved(first)
          .then((culprit) => culprit && dispatch({ kind: 'culprit', now: clock.now(), instance, culprit }))
          .catch(options.onBug)
      },
      onRepaired: (result) => {
        const now = clock.now()
        if (result.ok) dispatch({ kind: 'repaired', now, instance })
        else dispatch({ kind: 'repair-failed', now, instance, message: result.error })
      },
    }),
    close: () => {
      closed = true
      watch?.close()
    },
  }
}

const keyOf = ({ interface: name, address }: Pick<SeenAddress, 'interface' | 'address'>): string =>
  `${name} ${formatPrefix(address)}`

const known = new WeakMap<readonly InstancePlan[], ReadonlySet<Ipv4>>()

/** All virtual addresses. Plans do not change: each list is indexed once. */
function virtualIn(instances: readonly InstancePlan[]): ReadonlySet<Ipv4> {
  const found = known.get(instances)
  if (found !== undefined) return found
  const virtual = new Set(instances.flatMap(({ bindings }) => bindings.map(({ address }) => address.address)))
  known.set(instances, virtual)
  return virtual
}
