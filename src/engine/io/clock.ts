import { native } from '../../native/index.ts'
import type { Micros } from '../../shared/units.ts'
import type { Clock } from '../ports.ts'

/** CLOCK_MONOTONIC in whole microseconds: steps of the wall clock do not touch it; it stands still while suspended. */
export const now = (): Micros => Number(process.hrtime.bigint() / 1_000n) as Micros

/**
 * The engine's clock. `wake` is called once, at or after its deadline, and never within the call. The kernel's timer is used
 * since setTimeout counts whole milliseconds from a time stamp that the loop took earlier. It keeps the process alive while
 * it is armed.
 */
export function createClock(): Clock {
  let wanted: { readonly deadline: Micros; readonly wake: () => void } | undefined
  let armedAt = NEVER

  const fire = (): void => {
    armedAt = NEVER
    const due = wanted
    wanted = undefined
    due?.wake()
  }
  const arm = native().openTimer(fire)
  return {
    now,
    wakeAt: (deadline, wake) => {
      wanted = deadline === undefined ? undefined : { deadline, wake }
      const at = deadline === undefined ? NEVER : Math.min(LATEST, Math.max(NEVER + 1, Math.ceil(deadline)))
      if (at !== armedAt) arm(at)
      armedAt = at
    },
    after: (delay, run) => {
      const timer = setTimeout(run, wholeMillis(delay))
      return () => clearTimeout(timer)
    },
  }
}

/** Disarms. A deadline that has passed is one all the same. */
const NEVER = 0
/** What the timer takes. */
const LATEST = Number.MAX_SAFE_INTEGER

/** The longest delay that setTimeout keeps; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** For setTimeout, from 1 to what it can keep. */
export const wholeMillis = (delay: Micros): number => Math.min(LONGEST_DELAY_MS, Math.max(1, Math.ceil(delay / 1_000)))
