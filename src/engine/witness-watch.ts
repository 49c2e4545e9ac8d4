import { type Micros, toMillis } from '../shared/units.ts'
import { countReach, newReachCount } from './peer/reach-count.ts'
import type { ReachPort, ReachTarget } from './ports.ts'

export type WatchedWitness = {
  readonly target: ReachTarget
  /** From the end of one look to the beginning of the next one. */
  readonly interval: Micros
  readonly timeout: Micros
  /** Answers in a row until it is there, missing ones until it is not. */
  readonly rise: number
  readonly fall: number
}

/**
 * Looks at a configured witness now and again; tells when it is lost (with the reason), and when it is there again. It
 * counts as there until it has failed.
 */
export function watchWitness(
  reach: Pick<ReachPort, 'check'>,
  witness: WatchedWitness,
  onChange: (lost: string | undefined) => void,
): { readonly close: () => void } {
  let count = newReachCount
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const look = async (): Promise<void> => {
    const answer = await reach.check(witness.target, witness.timeout)
    if (closed) return
    const before = count.lost
    count = countReach(count, answer, witness)
    timer = setTimeout(() => void look(), toMillis(witness.interval))
    if ((before === undefined) !== (count.lost === undefined)) onChange(count.lost)
  }
  void look()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
