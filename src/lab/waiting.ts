/** Those who wait for something that news may bring. */
export type Waiting<T> = {
  /** Lets everybody who waits look at the news. */
  readonly notify: (news: T) => void
  /**
   * Resolves with the first thing other than undefined that `look` finds in later news. Rejects after `withinMs`, or at
   * the end; the message says who waited for what, and how things are.
   */
  readonly until: <R>(what: string, withinMs: number, look: (news: T) => R | undefined) => Promise<R>
  /** No more news will come; `why` completes "…: not seen". */
  readonly end: (why: string) => void
}

type Waiter<T> = { readonly look: (news: T) => void; readonly fail: (why: string) => void }

/** `describe` tells how things are, on lines of their own. */
export function createWaiting<T>(name: string, describe: () => string): Waiting<T> {
  const waiters = new Set<Waiter<T>>()
  let ended: string | undefined

  const until = <R>(what: string, withinMs: number, look: (news: T) => R | undefined): Promise<R> => {
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    const fail = (why: string) => reject(new Error(`${name}: ${what} not seen ${why}\n${describe()}`))
    const waiter: Waiter<T> = {
      look: (news) => {
        const found = look(news)
        if (found !== undefined) resolve(found)
      },
      fail,
    }
    waiters.add(waiter)
    const timer = setTimeout(() => fail(`in ${withinMs} ms`), withinMs)
    if (ended !== undefined) fail(ended)
    return promise.finally(() => {
      waiters.delete(waiter)
      clearTimeout(timer)
    })
  }
  const notify = (news: T) => {
    for (const waiter of waiters) waiter.look(news)
  }
  const end = (why: string) => {
    ended = why
    for (const waiter of waiters) waiter.fail(why)
  }
  return { notify, until, end }
}
