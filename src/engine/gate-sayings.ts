import type { Log } from '../shared/log.ts'
import { fromSeconds, type Micros, minus, toMillis } from '../shared/units.ts'
import { type Bucket, draw, type Pace, payableAt } from './core/bucket.ts'

/** Changes that are told one by one; what a program changes again and again is told together. */
const PACE: Pace = { burst: 5, every: fromSeconds(20) }

export type GateSayings = {
  /** Somebody changed the gate; `times`, if it was more than once since it was put back. */
  readonly changed: (what: string, times: number) => void
  /** It is as it was. */
  readonly restored: () => void
  readonly close: () => void
}

/** What is said of changes of the gate: in the end always how it is, and how much was left out. */
export function createGateSayings(log: Log, now: () => Micros): GateSayings {
  let bucket: Bucket | undefined
  /** Of what was not told: how often, and the last one. */
  let more = 0
  let last = ''
  let told = false
  let standing = true
  let timer: NodeJS.Timeout | undefined

  const say = (what: string, times: number): void => {
    const often = times > 1 ? `, ${times} times` : ''
    log({ level: 'warn', subject: 'haup', code: 'gate.changed', message: `somebody changed the gate${often}: ${what}` })
  }
  const sayRestored = (): void =>
    log({ level: 'info', subject: 'haup', code: 'gate.restored', message: 'the gate is as it was' })
  const summarize = (): void => {
    timer = undefined
    if (more === 0) return
    bucket = draw(bucket, PACE, now()).bucket
    say(`the last time ${last}`, more)
    more = 0
    if (standing) sayRestored()
    else told = true
  }
  return {
    changed: (what, times) => {
      standing = false
      const drawn = draw(bucket, PACE, now())
      bucket = drawn.bucket
      told = drawn.paid && more === 0
      if (told) return say(what, times)
      more += times
      last = what
      timer ??= setTimeout(summarize, Math.ceil(toMillis(minus(payableAt(bucket, PACE), now())))).unref()
    },
    restored: () => {
      standing = true
      if (told) sayRestored()
      told = false
    },
    close: () => {
      clearTimeout(timer)
      summarize()
    },
  }
}
