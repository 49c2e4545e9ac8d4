import { type Micros, ZERO } from '../../src/shared/units.ts'

/** The virtual clock: what is scheduled runs in order of time, and of scheduling within one instant. */
export type Timeline = {
  readonly now: () => Micros
  readonly at: (when: Micros, run: () => void) => void
  /** Runs everything that is due up to and including `end`. */
  readonly runUntil: (end: Micros) => void
  /** How much has run until now. */
  readonly steps: () => number
}

type Entry = { readonly when: Micros; readonly order: number; readonly run: () => void }

const before = (a: Entry, b: Entry): boolean => a.when < b.when || (a.when === b.when && a.order < b.order)

export function createTimeline(): Timeline {
  const heap: Entry[] = []
  let now = ZERO
  let order = 0
  let steps = 0

  const at = (when: Micros, run: () => void): void => {
    const entry = { when: when < now ? now : when, order: order++, run }
    let index = heap.push(entry) - 1
    while (index > 0) {
      const up = (index - 1) >> 1
      const parent = heap[up]
      if (parent === undefined || !before(entry, parent)) break
      heap[index] = parent
      heap[up] = entry
      index = up
    }
  }

  const takeFirst = (): void => {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]]
      const smaller = left !== undefined && right !== undefined && before(right, left) ? right : left
      if (smaller === undefined || !before(smaller, last)) break
      heap[index] = smaller
      index = smaller === right ? 2 * index + 2 : 2 * index + 1
    }
    heap[index] = last
  }

  const runUntil = (end: Micros): void => {
    for (let first = heap[0]; first !== undefined && first.when <= end; first = heap[0]) {
      takeFirst()
      now = first.when
      steps += 1
      first.run()
    }
    now = end
  }
  return { now: () => now, at, runUntil, steps: () => steps }
}
