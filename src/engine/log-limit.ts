import type { Log } from '../shared/log.ts'
import { fromSeconds, type Micros } from '../shared/units.ts'
import { type Bucket, draw, type Pace } from './core/bucket.ts'
import { andMore } from './core/said.ts'

/** Of one code about one subject: a box that is in trouble, or under attack, must not fill its disk with saying so. */
const PACE: Pace = { burst: 20, every: fromSeconds(60) }
/** Bounded by who writes them, so that the last of them says how things are (core/state-lines.ts). */
const OWN_LIMIT: ReadonlySet<string> = new Set(['vrrp.state', 'instance.state', 'instance.flaps'])

/** A log that writes what comes at a bounded pace, with the number of lines that were left out. */
export function limitLog(log: Log, now: () => Micros, pace = PACE): Log {
  const kinds = new Map<string, Bucket & { readonly more: number }>()
  return (record) => {
    if (OWN_LIMIT.has(record.code)) return log(record)
    const key = `${record.subject} ${record.code}`
    const before = kinds.get(key)
    const { bucket, paid } = draw(before, pace, now())
    const more = before?.more ?? 0
    kinds.set(key, { ...bucket, more: paid ? 0 : more + 1 })
    if (paid) log({ ...record, message: `${record.message}${andMore(more)}` })
  }
}
