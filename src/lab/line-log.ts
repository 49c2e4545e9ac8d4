import { createWaiting } from './waiting.ts'

/** Lines that a process wrote, kept, searchable and awaitable: how the lab sees that something happened. */
export type LineLog = {
  readonly lines: () => readonly string[]
  /** How many lines there are: pass it as `after` to look at later ones only. */
  readonly position: () => number
  /**
   * Resolves with the first (or the `times`th) line of index `after` or later that matches, as soon as it is there.
   * Rejects after `withinMs`, or when the log ends without it; the message tells what was awaited and the last lines.
   */
  readonly until: (wanted: RegExp, options?: UntilOptions) => Promise<string>
  readonly count: (wanted: RegExp, after?: number) => number
}

export type UntilOptions = { readonly after?: number; readonly times?: number; readonly withinMs?: number }

/** The end that is written to. */
export type LineSink = {
  readonly write: (text: string) => void
  /** `why` as in "the process ended". */
  readonly end: (why: string) => void
}

/** A log and its sink; text may arrive in any pieces. */
export function createLineLog(name: string): LineLog & LineSink {
  const lines: string[] = []
  const waiting = createWaiting<void>(name, () => tail(lines))
  let partial = ''

  const write = (text: string) => {
    const parts = (partial + text).split('\n')
    partial = parts.pop() ?? ''
    lines.push(...parts)
    if (parts.length > 0) waiting.notify()
  }
  const end = (why: string) => {
    if (partial !== '') write('\n')
    waiting.end(`before ${why}`)
  }
  const matching = (wanted: RegExp, after: number) => lines.slice(after).filter((line) => wanted.test(line))
  const until = async (wanted: RegExp, { after = 0, times = 1, withinMs = 10_000 }: UntilOptions = {}) => {
    const find = () => matching(wanted, after)[times - 1]
    return find() ?? waiting.until(String(wanted), withinMs, find)
  }
  const count = (wanted: RegExp, after = 0) => matching(wanted, after).length
  return { lines: () => lines, position: () => lines.length, until, count, write, end }
}

const tail = (lines: readonly string[]): string =>
  lines
    .slice(-15)
    .map((line) => `  | ${line}`)
    .join('\n')
