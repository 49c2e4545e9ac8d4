import { type Micros, micros, plus } from '../../../src/shared/units.ts'

/** One virtual time for everything, and what is to happen at which instant of it. */
export type SimClock = {
  readonly now: () => Micros
  readonly at: (when: Micros, run: () => void) => void
  readonly after: (delay: Micros, run: () => void) => void
  /** Takes the next thing that is due up to `end`; false when there is none. `nearest`: what others wait for. */
  readonly step: (end: Micros, nearest: { readonly at: Micros; readonly run: () => void } | undefined) => boolean
  readonly finish: (end: Micros) => void
}

type Job = { readonly at: Micros; readonly seq: number; readonly run: () => void }

export function createSimClock(start: Micros): SimClock {
  let now = start
  let seq = 0
  const jobs: Job[] = []

  const push = (at: Micros, run: () => void): void => {
    const job = { at: at < now ? now : at, seq: seq++, run }
    let index = jobs.length
    while (index > 0 && isBefore(jobs[index - 1], job)) index -= 1
    jobs.splice(index, 0, job)
  }
  return {
    now: () => now,
    at: push,
    after: (delay, run) => push(plus(now, delay), run),
    step: (end, nearest) => {
      const job = jobs.at(-1)
      const own = job !== undefined && (nearest === undefined || job.at <= nearest.at)
      const next = own ? job : nearest
      if (next === undefined || next.at > end) return false
      if (own) jobs.pop()
      if (next.at > now) now = next.at
      next.run()
      return true
    },
    finish: (end) => {
      now = end
    },
  }
}

/** The latest one stands first, so that the next one is at the end. */
const isBefore = (a: Job | undefined, b: Job): boolean =>
  a !== undefined && (a.at < b.at || (a.at === b.at && a.seq < b.seq))

/** A box's own clock: it goes at its own rate. */
export const localClock = (clock: SimClock, rate: number) => ({
  now: (): Micros => Math.floor(clock.now() * rate) as Micros,
  /** The instant of the common time when the box's clock shows this. */
  when: (local: Micros): Micros => micros(local / rate),
})

export type LocalClock = ReturnType<typeof localClock>
