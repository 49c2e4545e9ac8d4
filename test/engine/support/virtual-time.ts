import type { Clock } from '../../../src/engine/ports.ts'
import { fromMillis, fromSeconds, type Micros, plus } from '../../../src/shared/units.ts'

type Job = { readonly at: Micros; readonly run: () => void }

/** One clock for all boxes. Between two instants everything that waits for a promise goes on. */
export function createVirtualTime() {
  let now: Micros = fromSeconds(1_000)
  const jobs = new Set<Job>()

  const later = (delay: Micros, run: () => void): (() => void) => {
    const job = { at: plus(now, delay), run }
    jobs.add(job)
    return () => void jobs.delete(job)
  }
  const next = (): Job | undefined => [...jobs].toSorted((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    later,
    wait: (delay: Micros): Promise<void> =>
      delay === 0 ? Promise.resolve() : new Promise((resolve) => later(delay, resolve)),
    /** What is done takes time. */
    pass: (milliseconds: number): void => {
      now = plus(now, fromMillis(milliseconds))
    },
    clock: (): Clock => {
      let armed: Job | undefined
      return {
        now: () => now,
        after: later,
        wakeAt: (deadline, wake) => {
          if (armed !== undefined) jobs.delete(armed)
          armed = deadline === undefined ? undefined : { at: deadline, run: wake }
          if (armed !== undefined) jobs.add(armed)
        },
      }
    },
    run: async (seconds: number, onStep: () => void): Promise<void> => {
      const end = plus(now, fromSeconds(seconds))
      await settled()
      for (let job = next(); job !== undefined && job.at <= end; job = next()) {
        jobs.delete(job)
        if (job.at > now) now = job.at
        // What the kernel has closed by time since the last step counts from then on.
        onStep()
        job.run()
        await settled()
        onStep()
      }
      if (end > now) now = end
      onStep()
    },
  }
}

export type VirtualTime = ReturnType<typeof createVirtualTime>

/** When nothing goes on any more without an event from outside. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
