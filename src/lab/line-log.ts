/** Lines that a process wrote, kept, searchable and awaitable: how the lab sees that something happened. */
export type LineLog = {
  readonly lines: () => readonly string[]
  /** How many lines there are: pass it as `after` to look at later ones only. */
  readonly position: () => number
  /**
   * Resolves with the first (or the `times`th) line of index `after` or later that matches, as soon as it is there. Rejects after
   * `withinMs`, or when the log ends without it; the message tells what was awaited and the last lines.
   */
  readonly until: (wanted: RegExp, options?: UntilOptions) => Promise<string>
  readonly count: (wanted: RegExp, after?: number) => number
}

export type UntilOptions = { readonly after?: number; readonly times?: number; readonly withinMs?: number }

/** The end that is written to. */
export type LineSink = { readonly write: (text: string) => void; readonly end: (why: string) => void }

type Waiter = { readonly check: () => boolean; readonly fail: (why: string) => void }

/** A log and its sink; text may arrive in any pieces. */
export function createLineLog(name: string): LineLog & LineSink {
  const lines: string[] = []
  const waiters = new Set<Waiter>()
  let partial = ''
  let ended: string | undefined

  const checkWaiters = () => {
    for (const waiter of waiters) if (waiter.check()) waiters.delete(waiter)
  }
  const write = (text: string) => {
    const parts = (partial + text).split('\n')
    partial = parts.pop() ?? ''
    lines.push(...parts)
    if (parts.length > 0) checkWaiters()
  }
  const end = (why: string) => {
    ended = why
    if (partial !== '') write('\n')
    for (const waiter of waiters) waiter.fail(why)
    waiters.clear()
  }
  const until = (wanted: RegExp, { after = 0, times = 1, withinMs = 10_000 }: UntilOptions = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const fail = (why: string) => reject(new Error(`${name}: ${why} while waiting for ${wanted}\n${tail(lines)}`))
    const check = () => {
      const found = lines.slice(after).filter((line) => wanted.test(line))[times - 1]
      if (found !== undefined) resolve(found)
      return found !== undefined
    }
    if (check()) return promise
    if (ended !== undefined) {
      fail(ended)
      return promise
    }
    const waiter = { check, fail }
    waiters.add(waiter)
    const timer = setTimeout(() => {
      waiters.delete(waiter)
      fail(`nothing in ${withinMs} ms`)
    }, withinMs)
    return promise.finally(() => clearTimeout(timer))
  }
  const count = (wanted: RegExp, after = 0) => lines.slice(after).filter((line) => wanted.test(line)).length
  return { lines: () => lines, position: () => lines.length, until, count, write, end }
}

const tail = (lines: readonly string[]): string =>
  lines
    .slice(-15)
    .map((line) => `  | ${line}`)
    .join('\n')
