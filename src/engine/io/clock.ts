import type { Micros } from '../../shared/units.ts'
import type { Clock } from '../ports.ts'

/** The longest delay that setTimeout keeps; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** CLOCK_MONOTONIC in whole microseconds: steps of the wall clock do not touch it; it stands still while suspended. */
export const now = (): Micros => Number(process.hrtime.bigint() / 1_000n) as Micros

/**
 * The engine's clock. `wake` is called once, at or after its deadline: setTimeout counts whole milliseconds from a time
 * stamp that the loop took earlier, so that it may fire early; then it is armed again, for 1 ms at least (no spinning).
 * It is left as it is when a deadline moves away, as with each event of an idle engine: it fires early then, too.
 * The timer keeps the process alive while it is armed.
 */
export function createClock(): Clock {
  let wanted: { readonly deadline: Micros; readonly wake: () => void } | undefined
  let armed: { readonly timer: NodeJS.Timeout; readonly at: Micros } | undefined

  const arm = (at: Micros): void => {
    armed = { timer: setTimeout(fire, delayUntil(at, now())), at }
  }
  const disarm = (): void => {
    clearTimeout(armed?.timer)
    armed = undefined
  }
  const fire = (): void => {
    armed = undefined
    if (wanted === undefined) return
    const { deadline, wake } = wanted
    if (now() < deadline) {
      arm(deadline)
      return
    }
    wanted = undefined
    wake()
  }
  return {
    now,
    wakeAt: (deadline, wake) => {
      wanted = deadline === undefined ? undefined : { deadline, wake }
      if (deadline !== undefined && armed !== undefined && armed.at <= deadline) return
      disarm()
      if (deadline !== undefined) arm(deadline)
    },
  }
}

/** Whole milliseconds for setTimeout, from 1 to what it can keep. */
export const delayUntil = (deadline: Micros, at: Micros): number =>
  Math.min(LONGEST_DELAY_MS, Math.max(1, Math.ceil((deadline - at) / 1_000)))
