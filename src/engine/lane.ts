/**
 * One instance's actions, strictly in order. A step that returns nothing is done at once; one that returns a promise
 * makes those behind it wait. Other instances have lanes of their own and do not wait.
 */
export type Lane = {
  readonly push: (step: () => void | Promise<void>) => void
  /** Resolves when nothing is left to do. */
  readonly idle: () => Promise<void>
}

/** `onBug` gets what a step threw: steps return failures as values, so a throw is a bug; the lane goes on. */
export function createLane(onBug: (thrown: unknown) => void): Lane {
  let tail: Promise<void> | undefined

  const run = (step: () => void | Promise<void>): void | Promise<void> => {
    try {
      return step()?.catch(onBug)
    } catch (thrown) {
      onBug(thrown)
    }
  }

  return {
    push: (step) => {
      const pending = tail === undefined ? run(step) : tail.then(() => run(step))
      if (pending === undefined) return
      const settled = pending.then(() => {
        if (tail === settled) tail = undefined
      })
      tail = settled
    },
    idle: async () => {
      while (tail !== undefined) await tail
    },
  }
}
