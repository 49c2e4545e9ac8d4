import { fromSeconds, type Micros, plus, ZERO } from '../../../src/shared/units.ts'
import type { SimClock } from './clock.ts'

/** The processor that an engine runs on: what cannot be read now waits in the sockets, in the order in which it came. */
export type Cpu = {
  /** Runs it now, or when the engine comes to it. */
  readonly run: (read: () => void) => void
  /** When a timer that is due at `due` fires; undefined: not before something changes. */
  readonly firesAt: (due: Micros) => Micros | undefined
  /** One turn of the loop is used up by a timer. */
  readonly spend: () => void
  /** Stopped (SIGSTOP, swapped out) until it is thawed. */
  readonly freeze: (on: boolean) => void
  readonly isFrozen: () => boolean
  /** Busy with something else for so long: then timers are late, and come before what has arrived. */
  readonly stall: (span: Micros, timer: () => void) => void
  /**
   * A quota: so many turns of the loop each second, and the rest of it stopped. Undefined: as many as it wants. `timer` runs
   * what is due, and says whether something was.
   */
  readonly starve: (turns: number | undefined, timer?: () => boolean) => void
  readonly isStarved: () => boolean
  /** A new life of the engine: nothing waits, and nothing holds it up. */
  readonly reset: () => void
}

const PERIOD = fromSeconds(1)

export function createCpu(clock: SimClock): Cpu {
  let frozen = false
  let stalledUntil: Micros = ZERO
  let quota: { readonly turns: number; readonly since: Micros; readonly timer: () => boolean } | undefined
  let left = 0
  let inbox: (() => void)[] = []

  const isBusy = (): boolean => frozen || clock.now() < stalledUntil || (quota !== undefined && left <= 0)
  const read = (): void => {
    while (inbox.length > 0 && !isBusy()) {
      left -= 1
      inbox.shift()?.()
    }
  }
  const refill = (began: Micros): void => {
    if (quota?.since !== began) return
    left = quota.turns
    while (!isBusy()) {
      const waits = inbox.shift()
      if (waits !== undefined) left -= 1
      waits?.()
      if (!quota.timer() && waits === undefined) break
    }
    clock.after(PERIOD, () => refill(began))
  }
  return {
    run: (job) => {
      inbox.push(job)
      read()
    },
    firesAt: (due) => {
      if (frozen) return undefined
      if (quota !== undefined && left <= 0) return undefined
      return due < stalledUntil ? stalledUntil : due
    },
    spend: () => {
      left -= 1
    },
    freeze: (on) => {
      frozen = on
      read()
    },
    isFrozen: () => frozen,
    stall: (span, timer) => {
      if (frozen || clock.now() < stalledUntil) return
      stalledUntil = plus(clock.now(), span)
      clock.at(stalledUntil, () => {
        timer()
        read()
      })
    },
    starve: (turns, timer = () => false) => {
      quota = turns === undefined ? undefined : { turns, since: clock.now(), timer }
      left = 0
      if (quota !== undefined) refill(quota.since)
      read()
    },
    isStarved: () => quota !== undefined,
    reset: () => {
      inbox = []
      frozen = false
    },
  }
}
