import type { Log, LogRecord } from '../shared/log.ts'
import { fromSeconds, type Micros, minus, toMillis } from '../shared/units.ts'
import { type Bucket, draw, type Pace, payableAt } from './core/bucket.ts'
import { andMore } from './core/said.ts'

/** Of one code about one subject: a box that is in trouble, or under attack, must not fill its disk with saying so. */
const PACE: Pace = { burst: 20, every: fromSeconds(60) }
/** Bounded by who writes them, so that the last of them says how things are (core/state-lines.ts). */
const OWN_LIMIT: ReadonlySet<string> = new Set(['vrrp.state', 'instance.state', 'instance.flaps'])

type Kind = Bucket & { readonly more: number; readonly last: LogRecord | undefined }

/** Calls back after so long; nothing waits for it. */
export type Later = (span: Micros, run: () => void) => void

const later: Later = (span, run) => void setTimeout(run, toMillis(span)).unref()

/**
 * A log that writes what comes at a bounded pace, with the number of lines that were left out. The last one of them is
 * written as soon as the pace allows: what is said last is how things are. What is well again is counted apart.
 */
export function limitLog(log: Log, now: () => Micros, pace = PACE, callLater: Later = later): Log {
  const kinds = new Map<string, Kind>()

  const write = (key: string, record: LogRecord): void => {
    const before = kinds.get(key)
    const { bucket, paid } = draw(before, pace, now())
    const more = before?.more ?? 0
    kinds.set(key, { ...bucket, more: paid ? 0 : more + 1, last: paid ? undefined : record })
    if (paid) log({ ...record, message: `${record.message}${andMore(more)}` })
    else if (before?.last === undefined) callLater(minus(payableAt(bucket, pace), now()), () => catchUp(key))
  }
  const catchUp = (key: string): void => {
    const known = kinds.get(key)
    if (known?.last === undefined) return
    kinds.set(key, { ...known, more: known.more - 1, last: undefined })
    write(key, known.last)
  }
  return (record) => {
    if (OWN_LIMIT.has(record.code)) return log(record)
    write(`${record.subject} ${record.code} ${record.level}`, record)
  }
}
