import type { NodePlan } from '../../../src/engine/core/types.ts'
import { createEngine, type Engine } from '../../../src/engine/engine.ts'
import type { LanAnswer } from '../../../src/engine/peer/witness.ts'
import type { AddressPort, Clock, GatePort } from '../../../src/engine/ports.ts'
import { fromMillis, type Micros } from '../../../src/shared/units.ts'
import { createSimArbiter, type Store } from './arbiter.ts'
import type { SimClock } from './clock.ts'
import type { Cpu } from './cpu.ts'
import { createSenses, type Senses, type SensesOptions } from './senses.ts'

/** From a start of the engine until it ends: the shipped engine, whole, on ports of the simulation. */
export type Life = {
  readonly engine: Engine
  readonly senses: Senses
  /** Runs it when the engine comes to it, if it lives then. */
  readonly wake: (run: () => void) => void
  readonly isAlive: () => boolean
  /** When the loop's timer is due, by the box's clock. */
  readonly dueAt: () => Micros | undefined
  readonly ring: () => void
  readonly end: () => void
}

export type LifeOptions = Omit<SensesOptions, 'later'> & {
  readonly plan: NodePlan
  readonly clock: SimClock
  readonly cpu: Cpu
  readonly addresses: AddressPort
  readonly gate: GatePort
  readonly store: Store
  readonly reachesStore: () => boolean
  readonly reach: { readonly asks: () => void; readonly finds: () => LanAnswer }
  readonly fence: (node: string, done: (confirmed: boolean) => void) => void
  readonly say: (line: string) => void
  readonly onBug: (thrown: unknown) => void
}

/** An ARP round trip, or the time until nobody has answered. */
const ASKING = fromMillis(5)

export function beginLife(options: LifeOptions): Life {
  const { plan, clock, cpu, now, addresses, gate, store, reachesStore, onBug } = options
  let alive = true
  let timer: { readonly at: Micros; readonly wake: () => void } | undefined

  const wake = (run: () => void): void => {
    if (alive) cpu.run(() => (alive ? run() : undefined))
  }
  const later = (delay: Micros, run: () => void): void => clock.after(delay, () => wake(run))
  /** The answer, when the engine comes to reading it. */
  const answer = <T>(ask: (done: (value: T) => void) => void): Promise<T> => {
    const { promise, resolve } = Promise.withResolvers<T>()
    ask((value) => wake(() => resolve(value)))
    return promise
  }
  const ownClock: Clock = {
    now,
    wakeAt: (at, ring) => {
      timer = at === undefined ? undefined : { at, wake: ring }
    },
    after: (delay, run) => {
      let isOn = true
      later(delay, () => (isOn ? run() : undefined))
      return () => {
        isOn = false
      }
    },
  }
  const senses = createSenses({
    ...options,
    later,
    // What a dead engine has begun to say is not said.
    transmit: (node, datagram) => (alive ? options.transmit(node, datagram) : undefined),
  })
  const { openPeerChannel, ...ports } = senses.ports
  const engine = createEngine(plan, {
    ...ports,
    clock: ownClock,
    addresses,
    gate,
    drained: () => answer<void>((done) => done()),
    log: ({ code, message }) => options.say(`${code}: ${message}`),
    onBug,
    peer: {
      openPeerChannel,
      version: 'sim',
      reach: {
        check: async () => ({ ok: true, detail: 'answered' }),
        lanReach: () => {
          options.reach.asks()
          return answer((done) => clock.after(ASKING, () => done(options.reach.finds())))
        },
        close: () => undefined,
      },
      openArbiter: ({ timeout }, instance) =>
        createSimArbiter({ store, instance, timeout, now, reaches: reachesStore, after: clock.after, answer: wake }),
      createFence: () => ({
        fence: (node) => answer((done) => options.fence(node, (confirmed) => done({ confirmed, line: 'done' }))),
      }),
    },
  })
  engine.start().catch(onBug)
  return {
    engine,
    senses,
    wake,
    isAlive: () => alive,
    dueAt: () => (alive ? timer?.at : undefined),
    ring: () => {
      const due = timer
      timer = undefined
      due?.wake()
    },
    end: () => {
      alive = false
      engine.close()
    },
  }
}
