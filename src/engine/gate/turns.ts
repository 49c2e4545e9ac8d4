import { err } from '../../shared/result.ts'
import { type Answer, MOST_TOGETHER, type Step } from './step.ts'

/**
 * Who is served when. What is asked for while the kernel is at work shares the next transaction; one that closes goes before
 * all others that wait, and what it overtakes of its owner's is not opened any more.
 */
export type Turns = {
  /** Alone, after all that was asked for before. */
  readonly alone: <T>(action: () => Promise<T>) => Promise<T>
  /** `begin` is asked when its turn has come; what is no step is the answer. */
  readonly step: (owner: string, kind: StepKind, begin: () => Step | Answer) => Promise<Answer>
}

export type StepKind = 'open' | 'close' | 'move'

type StepJob = {
  readonly kind: StepKind
  readonly owner: string
  readonly begin: () => Step | Answer
  readonly settle: (answer: Answer) => void
  readonly fail: (thrown: unknown) => void
}
type Job = StepJob | { readonly kind: 'alone'; readonly run: () => Promise<void> }

/** `take` answers steps of different owners, in their order. */
export function createTurns(take: (steps: readonly Step[]) => Promise<readonly Answer[]>): Turns {
  let waiting: readonly Job[] = []
  let working = false

  const serve = async (jobs: readonly StepJob[]): Promise<void> => {
    try {
      const begun = jobs.map((job) => ({ job, what: job.begin() }))
      const steps = begun.flatMap(({ what }) => ('ask' in what ? what : []))
      const answers = (await take(steps)).values()
      for (const { job, what } of begun) job.settle('ask' in what ? (answers.next().value ?? NOT_ANSWERED) : what)
    } catch (thrown) {
      for (const job of jobs) job.fail(thrown)
    }
  }
  const work = async (): Promise<void> => {
    working = true
    // What is asked for in this turn of the event loop comes together.
    await Promise.resolve()
    while (waiting.length > 0) {
      const jobs = nextOf(waiting)
      const taken = new Set<Job>(jobs)
      waiting = waiting.filter((job) => !taken.has(job))
      const [first] = jobs
      if (first?.kind === 'alone') await first.run()
      else await serve(jobs.filter(isStep))
    }
    working = false
  }
  const add = (job: Job): void => {
    waiting = [...waiting, job]
    if (!working) void work()
  }
  const overtake = (owner: string): void => {
    const isOvertaken = (job: Job): job is StepJob => job.kind === 'open' && job.owner === owner
    const overtaken = waiting.filter(isOvertaken)
    if (overtaken.length === 0) return
    waiting = waiting.filter((job) => !isOvertaken(job))
    for (const { settle } of overtaken) settle(err(`the gate of ${owner} was closed before it was opened`))
  }

  return {
    alone: (action) =>
      new Promise((resolve, reject) => add({ kind: 'alone', run: () => action().then(resolve, reject) })),
    step: (owner, kind, begin) =>
      new Promise((settle, fail) => {
        if (kind === 'close') overtake(owner)
        add({ kind, owner, begin, settle, fail })
      }),
  }
}

const NOT_ANSWERED: Answer = err('not answered')

const isStep = (job: Job): job is StepJob => job.kind !== 'alone'

/** Closings that nothing of their owner's part in a move is before; else what comes first, and all that may go with it. */
function nextOf(waiting: readonly Job[]): readonly Job[] {
  const closings = closingsOf(waiting)
  if (closings.length > 0) return closings
  const owners = new Set<string>()
  const end = waiting.findIndex((job) => {
    if (!isStep(job) || owners.has(job.owner) || owners.size === MOST_TOGETHER) return true
    owners.add(job.owner)
    return false
  })
  return end < 0 ? waiting : waiting.slice(0, Math.max(1, end))
}

function closingsOf(waiting: readonly Job[]): readonly Job[] {
  const moving = new Set<string>()
  const closings: Job[] = []
  for (const job of waiting) {
    if (!isStep(job)) break
    if (job.kind === 'move') moving.add(job.owner)
    else if (job.kind === 'close' && !moving.has(job.owner)) closings.push(job)
  }
  return closings
}
