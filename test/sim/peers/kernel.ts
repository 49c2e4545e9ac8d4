import type { AddressPort, BoundAddress, GatePort, HandOn } from '../../../src/engine/ports.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import { err, ok } from '../../../src/shared/result.ts'
import { earliest, type Micros, micros, plus, ZERO } from '../../../src/shared/units.ts'
import type { SimClock } from './clock.ts'

/**
 * One box's kernel, which outlives the engine: its addresses, and the gate that closes by the box's own clock and with the
 * engine. Every call takes its time, in order; the engine hears of the answer when it comes to it.
 */
export type SimKernel = {
  readonly addresses: AddressPort
  readonly gate: GatePort
  readonly bound: (owner: string) => boolean
  readonly accepts: (owner: string) => boolean
  /** Closed, and handing on to this station, until then. */
  readonly handingOn: (owner: string) => Mac | undefined
  /** Lets in what this station hands on, or everybody. */
  readonly admits: (owner: string, from: Mac) => boolean
  /** When it next closes something by itself, by the box's clock. */
  readonly closesAt: () => Micros | undefined
  /** The engine ended: what it has opened closes with it. */
  readonly engineEnded: () => void
  readonly reboot: () => void
}

export type SimKernelOptions = {
  readonly clock: SimClock
  readonly now: () => Micros
  /** How long it takes to bind. */
  readonly takes: () => Micros
  readonly fails: (what: 'bind' | 'admit' | 'hand-on') => boolean
  /** How the engine that runs now is woken with an answer; one that died meanwhile does not hear it. */
  readonly waker: () => (run: () => void) => void
}

type Owner = {
  readonly bound: readonly BoundAddress[]
  readonly openUntil: Micros
  readonly admitting: { readonly from: Mac; readonly until: Micros } | undefined
  readonly handing: { readonly to: Mac; readonly until: Micros } | undefined
}

const IDLE: Owner = { bound: [], openUntil: ZERO, admitting: undefined, handing: undefined }

export function createSimKernel({ clock, now, takes, fails, waker }: SimKernelOptions): SimKernel {
  const owners = new Map<string, Owner>()
  const fenced = new Set<string>()
  let [addressesFreeAt, gateFreeAt] = [ZERO, ZERO]

  const of = (name: string): Owner => owners.get(name) ?? IDLE
  const change = (name: string, to: Partial<Owner>): void => {
    owners.set(name, { ...of(name), ...to })
  }
  /** Does it when its turn has come and the time that it takes is over. */
  const call = <T>(freeAt: Micros, took: Micros, run: () => T): readonly [Micros, Promise<T>] => {
    const done = plus(freeAt > clock.now() ? freeAt : clock.now(), took)
    const called = Promise.withResolvers<T>()
    const wake = waker()
    clock.at(done, () => {
      const value = run()
      wake(() => called.resolve(value))
    })
    return [done, called.promise]
  }
  const inAddresses = <T>(took: Micros, run: () => T): Promise<T> => {
    const [freeAt, promise] = call(addressesFreeAt, took, run)
    addressesFreeAt = freeAt
    return promise
  }
  const quick = (): Micros => micros(takes() / 20)
  const inGate = <T>(run: () => T): Promise<T> => {
    const [freeAt, promise] = call(gateFreeAt, quick(), run)
    gateFreeAt = freeAt
    return promise
  }
  const apply = (owner: string, desired: readonly BoundAddress[]) => {
    if (desired.length > 0 && fails('bind')) {
      change(owner, { bound: [] })
      return err('no buffer space available')
    }
    change(owner, { bound: desired, ...(desired.length > 0 ? { handing: undefined } : {}) })
    return ok(undefined)
  }
  const addresses: AddressPort = {
    apply: (owner, desired) => inAddresses(takes(), () => apply(owner, desired)),
    renew: () => inAddresses(quick(), () => ok(undefined)),
    check: () => inAddresses(quick(), () => ok(undefined)),
    missing: (desired) =>
      inAddresses(quick(), () => {
        const there = [...owners.values()].flatMap(({ bound }) => bound)
        return ok(desired.filter((each) => !there.some(({ address }) => address.address === each.address.address)))
      }),
    cleanup: () =>
      inAddresses(quick(), () => {
        const left = [...owners].flatMap(([, { bound }]) => bound)
        for (const name of owners.keys()) change(name, { bound: [] })
        return left
      }),
    // Nobody else puts addresses on a box of the simulation.
    others: () => inAddresses(quick(), () => ok([])),
    withhold: () => inAddresses(quick(), () => ok([])),
    close: () => undefined,
  }
  const gate: GatePort = {
    prepare: (wanted) =>
      inGate(() => {
        fenced.clear()
        for (const { owner } of wanted) fenced.add(owner)
        return ok({ kind: 'ready' as const })
      }),
    open: (owner, until) =>
      inGate(() => {
        change(owner, { openUntil: until, admitting: undefined, handing: undefined })
        return ok(undefined)
      }),
    close: (owner) =>
      inGate(() => {
        change(owner, { openUntil: ZERO, admitting: undefined })
        return ok(undefined)
      }),
    admit: (owner, { from }, until) =>
      inGate(() => {
        if (fails('admit')) return err('refused')
        change(owner, { admitting: { from, until } })
        return ok(undefined)
      }),
    handOn: (owner, target: HandOn, until) =>
      inGate(() => {
        if (fails('hand-on')) return err('refused')
        change(owner, { openUntil: ZERO, admitting: undefined, handing: { to: target.mac, until } })
        return ok(undefined)
      }),
    remove: () => inGate(() => ok(fenced.clear())),
    retire: () => inGate(() => ok(fenced.clear())),
    onForeignChange: () => undefined,
  }
  const isOpen = (name: string): boolean => !fenced.has(name) || now() < of(name).openUntil
  return {
    addresses,
    gate,
    bound: (owner) => of(owner).bound.length > 0,
    accepts: (owner) => of(owner).bound.length > 0 && isOpen(owner),
    handingOn: (owner) => {
      const { handing } = of(owner)
      return handing !== undefined && now() < handing.until ? handing.to : undefined
    },
    admits: (owner, from) => {
      const { bound, admitting } = of(owner)
      const isAdmitted = admitting?.from === from && now() < admitting.until
      return bound.length > 0 && (isAdmitted || isOpen(owner))
    },
    closesAt: () =>
      [...owners.values()].reduce<Micros | undefined>(
        (at, { bound, openUntil }) => (bound.length > 0 && now() < openUntil ? earliest(at, openUntil) : at),
        undefined,
      ),
    engineEnded: () => {
      for (const name of owners.keys()) change(name, { openUntil: ZERO, admitting: undefined })
    },
    reboot: () => {
      owners.clear()
      fenced.clear()
    },
  }
}
