import {
  type LeaseCall,
  type LeaseConfig,
  type LeaseEvent,
  leaseDeadline,
  leaseLimit,
  leaseStep,
  newLeaseState,
  ownTerm,
} from '../../../src/engine/peer/lease.ts'
import { err, ok } from '../../../src/shared/result.ts'
import { type Micros, plus } from '../../../src/shared/units.ts'

/** A store with one lease for each instance, which counts by its own clock. */
export function createStore(now: () => Micros) {
  const leases = new Map<string, { readonly by: string; readonly until: Micros }>()
  const heldByOther = (name: string, holder: string) => {
    const lease = leases.get(name)
    return lease !== undefined && lease.by !== holder && lease.until > now() ? lease : undefined
  }
  return {
    take: (name: string, holder: string, ttl: Micros): boolean => {
      if (heldByOther(name, holder) !== undefined) return false
      leases.set(name, { by: holder, until: plus(now(), ttl) })
      return true
    },
    release: (name: string, holder: string): void => {
      if (leases.get(name)?.by === holder) leases.delete(name)
    },
  }
}

export type Store = ReturnType<typeof createStore>

export type SimLeaseOptions = {
  readonly store: Store
  readonly instance: string
  readonly config: LeaseConfig
  readonly now: () => Micros
  readonly reaches: () => boolean
  /** Runs it after the time that a request takes. */
  readonly after: (run: () => void) => void
  readonly onLimit: (until: Micros | undefined) => void
}

/** One node's side, as src/engine/lease-keeper.ts with a port that takes its time. */
export function createSimLease({ store, instance, config, now, reaches, after, onLimit }: SimLeaseOptions) {
  let state = newLeaseState(now())

  const feed = (event: LeaseEvent): void => {
    const before = leaseLimit(state)
    const step = leaseStep(config, state, event)
    state = step.state
    const limit = leaseLimit(state)
    if (limit !== before) onLimit(limit)
    for (const action of step.actions) if (action.kind === 'call') carryOut(action.call)
  }
  const carryOut = (call: LeaseCall): void => {
    const begun = now()
    after(() => {
      const reached = reaches()
      const granted =
        reached && (call === 'acquire' || call === 'renew') && store.take(instance, config.holder, config.ttl)
      if (reached && call === 'release') store.release(instance, config.holder)
      after(() => answer(call, reached && reaches(), granted, begun))
    })
  }
  const answer = (call: LeaseCall, reached: boolean, granted: boolean, begun: Micros): void => {
    const failure = err({ kind: 'unreachable' as const, detail: 'no answer' })
    if (call === 'release') {
      feed({ kind: 'released', answer: reached ? ok(undefined) : failure, now: now() })
    } else if (call === 'look') {
      feed({ kind: 'seen', view: reached ? ok({ kind: 'free' }) : failure, now: now() })
    } else {
      const held = err({ kind: 'held' as const, by: 'another', forMs: 0 })
      const grant = !reached ? failure : granted ? ok({ expiresAt: plus(begun, ownTerm(config.ttl)) }) : held
      feed({ kind: 'granted', grant, now: now() })
    }
  }
  return {
    want: (wanted: boolean) => feed({ kind: 'want', wanted, now: now() }),
    timer: () => feed({ kind: 'timer', now: now() }),
    deadline: () => leaseDeadline(state),
  }
}

export type SimLease = ReturnType<typeof createSimLease>
