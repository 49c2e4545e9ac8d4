import { busyHistory } from './busy.ts'
import { calmHistory } from './calm.ts'
import { tell } from './report.ts'
import { roughHistory } from './rough.ts'

export type LongRun = { readonly histories: number; readonly steps: number; readonly wrong: string | undefined }

const KINDS = [calmHistory, busyHistory, roughHistory] as const

/**
 * Histories of all three kinds in turn, with the seeds from `first` on, until so many steps (deliveries, timers, turns of
 * a loop, binds) have run in all, or until the first one in which something is wrong.
 */
export function runLong(first: number, steps: number, progress: (histories: number, steps: number) => void): LongRun {
  let [histories, ran] = [0, 0]
  for (let seed = first; ran < steps; seed++) {
    for (const play of KINDS) {
      const history = play(seed)
      histories += 1
      ran += history.cluster.timeline.steps()
      const told = tell(seed, history)
      if (told !== undefined) return { histories, steps: ran, wrong: `${play.name}, ${told}` }
    }
    progress(histories, ran)
  }
  return { histories, steps: ran, wrong: undefined }
}
