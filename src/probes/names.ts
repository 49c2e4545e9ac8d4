import type { LookupFunction } from 'node:net'
import type { Result } from '../shared/result.ts'
import { lookUp, NO_ANSWER } from './look-up.ts'

export type Found = { readonly address: string; readonly family: 4 | 6 }

/**
 * Addresses of the names in the file. What was found once is used from then on and looked up again in the background, so
 * that no resolver that hangs is waited for: neither a probe nor a witness nor the arbiter is lost with it.
 */
export type Names = {
  /** For a connection: calls back at once when an address is known, otherwise when one is, or cannot be had. */
  readonly lookup: LookupFunction
  /** Why a connection to this host has not begun, in words; undefined: its address is known. */
  readonly trouble: (host: string) => string | undefined
  /** From now on these are looked up before they are needed, and now and then: in the place of those before. */
  readonly know: (hosts: readonly string[]) => void
}

type Answer = Result<readonly Found[], string>
type Waiting = (entry: Entry) => void

type Entry = {
  found: readonly Found[]
  /** Why there is no address; undefined: not known yet. */
  failure: string | undefined
  /** It is being looked up, or is in the queue. */
  asked: boolean
  renewAt: number
  waiting: Waiting[]
}

/** How old an address may be, in use; milliseconds. */
const FRESH_MS = 10_000
const AGAIN_MS = 1_000
/** What is wanted some day is looked up so often; milliseconds. */
const KEPT_MS = 30_000
/** Each is a process: those that hang must not become many. */
const AT_ONCE = 8

/** `ask` resolves always; `now` counts milliseconds. */
export function createNames(ask: (name: string) => Promise<Answer>, now: () => number): Names {
  const entries = new Map<string, Entry>()
  const queue: string[] = []
  let running = 0
  let kept: readonly string[] = []
  let timer: NodeJS.Timeout | undefined

  const entryOf = (name: string): Entry => {
    const known = entries.get(name)
    if (known !== undefined) return known
    const made: Entry = { found: [], failure: undefined, asked: false, renewAt: now(), waiting: [] }
    entries.set(name, made)
    return made
  }
  const take = (entry: Entry, answer: Answer): void => {
    entry.asked = false
    entry.renewAt = now() + (answer.ok ? FRESH_MS : AGAIN_MS)
    entry.failure = answer.ok ? undefined : answer.error
    if (answer.ok) entry.found = answer.value
    const waiting = entry.waiting
    entry.waiting = []
    for (const each of waiting) each(entry)
  }
  const start = (): void => {
    if (running >= AT_ONCE) return
    const name = queue.shift()
    if (name === undefined) return
    running += 1
    void ask(name).then((answer) => {
      running -= 1
      take(entryOf(name), answer)
      start()
    })
  }
  const renew = (name: string, entry: Entry): void => {
    if (entry.asked || now() < entry.renewAt) return
    entry.asked = true
    // What is known already can wait for what is not.
    if (entry.found.length === 0) queue.unshift(name)
    else queue.push(name)
    start()
  }
  const renewKept = (): void => {
    for (const name of kept) renew(name, entryOf(name))
    const isMissing = kept.some((name) => entryOf(name).found.length === 0)
    timer = kept.length === 0 ? undefined : setTimeout(renewKept, isMissing ? AGAIN_MS : KEPT_MS).unref()
  }
  return {
    know: (hosts) => {
      clearTimeout(timer)
      kept = hosts
      renewKept()
    },
    lookup: (name, options, callback) => {
      const tell: Waiting = ({ found, failure }) => {
        const family = typeof options.family === 'number' && options.family !== 0 ? options.family : undefined
        const fit = found.filter((each) => family === undefined || each.family === family)
        const [first] = fit
        if (first === undefined) callback(new Error(cannotBe(name, failure ?? 'no address of this kind')), '', 0)
        else if (options.all === true) callback(null, [...fit])
        else callback(null, first.address, first.family)
      }
      const entry = entryOf(name)
      renew(name, entry)
      if (entry.found.length > 0 || !entry.asked) process.nextTick(tell, entry)
      else entry.waiting.push(tell)
    },
    trouble: (host) => {
      const entry = entries.get(host)
      if (entry === undefined || entry.found.length > 0) return undefined
      return cannotBe(host, entry.failure ?? NO_ANSWER)
    },
  }
}

const cannotBe = (name: string, why: string): string => `the name ${name} cannot be looked up: ${why}`

/** Of this process. */
export const names = createNames(lookUp, () => performance.now())
