import type { Log } from '../shared/log.ts'
import type { EngineEvent, InstancePlan } from './core/types.ts'
import type { AddressWatch, BoundAddress, Clock, SeenAddress, WatchAddresses } from './ports.ts'
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
  let closed = false

  const report = (seen: readonly SeenAddress[]): void => {
    if (closed) return
    last = seen
    dispatch({ kind: 'addresses', now: clock.now(), seen })
    for (const { name, bindings } of instances())
      if (!bindings.every((each) => holds(seen, each))) options.inspect(name)
  }

  return {
    start: async () => {
      const begun = await options.watchAddresses(report, (message) =>
        log({ level: 'warn', subject: 'haup', code: 'vip.watch', message }),
      )
      if (closed) begun.close()
      else watch = begun
    },
    lookAgain: () => {
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

/** As ours, with this prefix. */
const holds = (seen: readonly SeenAddress[], { interface: name, address }: BoundAddress): boolean =>
  seen.some(
    (each) =>
      each.ours &&
      each.interface === name &&
      each.address.address === address.address &&
      each.address.length === address.length,
  )
