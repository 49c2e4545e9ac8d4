import { assertNever } from '../shared/errors.ts'
import { type Micros, minus } from '../shared/units.ts'
import {
  type LeaseCall,
  type LeaseConfig,
  type LeaseEvent,
  leaseDeadline,
  leaseLimit,
  leaseStep,
  newLeaseState,
} from './peer/lease.ts'
import { describeLease, type LeaseNotice } from './peer/lease-text.ts'
import type { ArbiterPort, Clock } from './ports.ts'

/** Asks an arbiter for one instance's lease as peer/lease.ts says. */
export type LeaseKeeper = {
  /** Not wanted any more: only when the gate is closed, since the lease is given back at once. */
  readonly want: (wanted: boolean) => void
  readonly limit: () => Micros | undefined
  /** For `status` and `why`. */
  readonly describe: () => string
  /** Gives the lease back, within the port's time limits, and ends. */
  readonly close: () => Promise<void>
}

export type LeaseKeeperOptions = {
  readonly arbiter: ArbiterPort
  readonly config: LeaseConfig
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** Until when the gate may be open from now on; undefined: not at all. Told on each change. */
  readonly onLimit: (until: Micros | undefined) => void
  readonly onNotice: (notice: LeaseNotice) => void
}

export function createLeaseKeeper({ arbiter, config, clock, onLimit, onNotice }: LeaseKeeperOptions): LeaseKeeper {
  const { holder, ttl } = config
  const { now } = clock
  let state = newLeaseState(now())
  let disarm: (() => void) | undefined
  let underWay: Promise<void> = Promise.resolve()
  let closed = false

  const feed = (event: LeaseEvent): void => {
    if (closed) return
    const before = leaseLimit(state)
    const step = leaseStep(config, state, event)
    state = step.state
    const after = leaseLimit(state)
    if (after !== before) onLimit(after)
    for (const action of step.actions) {
      if (action.kind === 'call') underWay = carryOut(action.call).then(feed)
      else onNotice(action)
    }
    arm()
  }
  const carryOut = async (call: LeaseCall): Promise<LeaseEvent> => {
    switch (call) {
      case 'acquire':
        return { kind: 'granted', grant: await arbiter.acquire(holder, ttl), now: now() }
      case 'renew':
        return { kind: 'granted', grant: await arbiter.renew(holder, ttl), now: now() }
      case 'release':
        return { kind: 'released', answer: await arbiter.release(holder), now: now() }
      case 'look':
        return { kind: 'seen', view: await arbiter.look(holder), now: now() }
      default:
        return assertNever(call)
    }
  }
  const arm = (): void => {
    disarm?.()
    const deadline = leaseDeadline(state)
    const wait = deadline === undefined ? undefined : minus(deadline, now())
    disarm = wait === undefined ? undefined : clock.after(wait, () => feed({ kind: 'timer', now: now() }))
  }
  arm()
  return {
    want: (wanted) => feed({ kind: 'want', wanted, now: now() }),
    limit: () => leaseLimit(state),
    describe: () => describeLease(state, now()),
    close: async () => {
      if (closed) return
      closed = true
      disarm?.()
      if (leaseLimit(state) !== undefined) onLimit(undefined)
      await underWay
      if (state.owed !== undefined) await arbiter.release(holder)
      arbiter.close()
    },
  }
}
