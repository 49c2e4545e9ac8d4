import { busyHistory } from './busy.ts'
import { calmHistory } from './calm.ts'
import { walk } from './cells/walk.ts'
import { tell } from './report.ts'
import { roughHistory } from './rough.ts'

export type LongRun = { readonly histories: number; readonly steps: number; readonly wrong: string | undefined }

const KINDS = [calmHistory, busyHistory, roughHistory] as const

/** Faults in one walk over a group of whole engines. */
const ROUNDS = 8

/**
 * Histories of routers alone in three kinds, and a walk of whole engines over faults, in turn, with the seeds from `first`
 * on, until so many steps (deliveries, timers, turns of a loop, binds) have run in all, or until the first one in which
 * something is wrong: two holders, or nobody where somebody could serve.
 */
export async function runLong(
  first: number,
  steps: number,
  progress: (histories: number, steps: number) => void,
): Promise<LongRun> {
  let [histories, ran] = [0, 0]
  for (let seed = first; ran < steps; seed++) {
    for (const play of KINDS) {
      const history = play(seed)
      histories += 1
      ran += history.cluster.timeline.steps()
      const told = tell(seed, history)
      if (told !== undefined) return { histories, steps: ran, wrong: `${play.name}, ${told}` }
    }
    const walked = await walk(seed, ROUNDS)
    histories += 1
    ran += walked.steps
    if (walked.wrong !== undefined) return { histories, steps: ran, wrong: walked.wrong }
    progress(histories, ran)
  }
  return { histories, steps: ran, wrong: undefined }
}
