import { type Micros, plus, ZERO } from '../../../src/shared/units.ts'

/** What one instance asks of the kernel, strictly in order, each taking its time. */
export function createSimLane(now: () => Micros, at: (when: Micros, run: () => void) => void) {
  let freeAt: Micros = ZERO
  return {
    push: (took: Micros, run: () => void): void => {
      const begins = freeAt > now() ? freeAt : now()
      freeAt = plus(begins, took)
      if (freeAt <= now()) run()
      else at(freeAt, run)
    },
  }
}

export type SimLane = ReturnType<typeof createSimLane>
