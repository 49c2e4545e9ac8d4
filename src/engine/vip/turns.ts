/** Serves calls one after the other; calls of one kind that wait go together, those of one owner in their order. */
export type Turns = {
  /** After all that was asked for before, and before all that is asked for later. */
  readonly alone: <T>(action: () => Promise<T>) => Promise<T>
  /**
   * `answer` is given jobs of different owners, and answers in their order. A job without an owner keeps its place among all
   * others.
   */
  readonly together: <J, T>(
    answer: (jobs: readonly J[]) => Promise<readonly T[]>,
  ) => (owner: string | undefined, job: J) => Promise<T>
}

type Ticket = {
  readonly owner: string | undefined
  /** The same function for all that may go together. */
  readonly serve: (tickets: readonly Ticket[]) => Promise<void>
}

export function createTurns(): Turns {
  let waiting: readonly Ticket[] = []
  let working = false

  const work = async (): Promise<void> => {
    working = true
    // What is asked for in this turn of the event loop comes together.
    await Promise.resolve()
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const next = nextOf(waiting, first)
      waiting = waiting.filter((ticket) => !next.has(ticket))
      await first.serve([...next])
    }
    working = false
  }
  const add = (ticket: Ticket): void => {
    waiting = [...waiting, ticket]
    if (!working) void work()
  }
  return {
    alone: (action) =>
      new Promise((resolve, reject) => add({ owner: undefined, serve: () => action().then(resolve, reject) })),
    together: <J, T>(answer: (jobs: readonly J[]) => Promise<readonly T[]>) => {
      type Entry = {
        readonly job: J
        readonly resolve: (answer: T) => void
        readonly reject: (thrown: unknown) => void
      }
      const entries = new Map<Ticket, Entry>()
      const serve = async (tickets: readonly Ticket[]): Promise<void> => {
        const own = tickets.flatMap((ticket) => entries.get(ticket) ?? [])
        for (const ticket of tickets) entries.delete(ticket)
        try {
          const answers = (await answer(own.map(({ job }) => job))).values()
          for (const { resolve } of own) {
            const { value, done } = answers.next()
            if (done === true) throw new Error('an answer is missing')
            resolve(value)
          }
        } catch (thrown) {
          for (const { reject } of own) reject(thrown)
        }
      }
      return (owner: string | undefined, job: J): Promise<T> =>
        new Promise<T>((resolve, reject) => {
          const ticket: Ticket = { owner, serve }
          entries.set(ticket, { job, resolve, reject })
          add(ticket)
        })
    },
  }
}

/** The first, and all of its kind whose owners have nothing else waiting before. */
function nextOf(waiting: readonly Ticket[], first: Ticket): ReadonlySet<Ticket> {
  const next = new Set<Ticket>()
  const busy = new Set<string>()
  let passed = false
  for (const ticket of waiting) {
    const isOfKind = ticket.serve === first.serve
    // What has no owner passes nobody, and nobody passes it.
    if (ticket.owner === undefined && (passed || !isOfKind)) break
    if (first.owner === undefined && !isOfKind) break
    if (isOfKind && (ticket.owner === undefined || !busy.has(ticket.owner))) next.add(ticket)
    else passed = true
    if (ticket.owner !== undefined) busy.add(ticket.owner)
  }
  return next
}
