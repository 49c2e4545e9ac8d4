import { ownTerm } from '../../../src/engine/peer/lease.ts'
import type { ArbiterFailure, ArbiterPort } from '../../../src/engine/ports.ts'
import { err, ok, type Result } from '../../../src/shared/result.ts'
import { fromMillis, type Micros, plus, toMillis } from '../../../src/shared/units.ts'

/** A store with one lease for each instance, which counts by its own clock. */
export function createStore(now: () => Micros) {
  const leases = new Map<string, { readonly by: string; readonly until: Micros }>()
  const heldByOther = (name: string, holder: string) => {
    const lease = leases.get(name)
    return lease !== undefined && lease.by !== holder && lease.until > now() ? lease : undefined
  }
  return {
    heldByOther: (name: string, holder: string): ArbiterFailure | undefined => {
      const lease = heldByOther(name, holder)
      if (lease === undefined) return undefined
      return { kind: 'held', by: lease.by, forMs: toMillis((lease.until - now()) as Micros) }
    },
    take: (name: string, holder: string, ttl: Micros): void => {
      leases.set(name, { by: holder, until: plus(now(), ttl) })
    },
    release: (name: string, holder: string): void => {
      if (leases.get(name)?.by === holder) leases.delete(name)
    },
  }
}

export type Store = ReturnType<typeof createStore>

export type SimArbiterOptions = {
  readonly store: Store
  readonly instance: string
  /** How long an answer is waited for. */
  readonly timeout: Micros
  readonly now: () => Micros
  readonly reaches: () => boolean
  readonly after: (delay: Micros, run: () => void) => void
  /** Wakes the engine with an answer. */
  readonly answer: (run: () => void) => void
}

/** The way to the store and back. */
const ONE_WAY = fromMillis(5)

/** One node's way to the store. */
export function createSimArbiter(options: SimArbiterOptions): ArbiterPort {
  const { store, instance, timeout, now, reaches, after, answer } = options

  /** What is asked gets there, and so does the answer; or the time is over, and nobody knows. */
  const ask = <T>(run: () => Result<T, ArbiterFailure>): Promise<Result<T, ArbiterFailure>> => {
    const asked = Promise.withResolvers<Result<T, ArbiterFailure>>()
    after(timeout, () => answer(() => asked.resolve(err({ kind: 'unreachable', detail: 'no answer' }))))
    after(ONE_WAY, () => {
      if (!reaches()) return
      const result = run()
      after(ONE_WAY, () => (reaches() ? answer(() => asked.resolve(result)) : undefined))
    })
    return asked.promise
  }
  const take = (holder: string, ttl: Micros) => {
    const begun = now()
    return ask(() => {
      const held = store.heldByOther(instance, holder)
      if (held !== undefined) return err(held)
      store.take(instance, holder, ttl)
      return ok({ expiresAt: plus(begun, ownTerm(ttl)) })
    })
  }
  return {
    acquire: take,
    renew: take,
    release: (holder) => ask(() => ok(store.release(instance, holder))),
    look: (holder) =>
      ask(() => {
        const held = store.heldByOther(instance, holder)
        return ok(held?.kind === 'held' ? held : { kind: 'free' as const })
      }),
    close: () => undefined,
  }
}
