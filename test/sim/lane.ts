import { type Micros, micros, plus, ZERO } from '../../src/shared/units.ts'
import type { Timeline } from './timeline.ts'

/** Actions of one node, strictly one after the other, each taking its time and having its effect at the end. */
export type Lane = {
  readonly push: (duration: number, act: () => void) => void
  /** Forgets what has not happened yet. */
  readonly clear: () => void
}

export function createLane(timeline: Timeline): Lane {
  let freeAt: Micros = ZERO
  let life = 0
  return {
    push: (duration, act) => {
      const start = freeAt > timeline.now() ? freeAt : timeline.now()
      freeAt = plus(start, micros(duration))
      const bornIn = life
      timeline.at(freeAt, () => {
        if (bornIn === life) act()
      })
    },
    clear: () => {
      life++
      freeAt = ZERO
    },
  }
}
