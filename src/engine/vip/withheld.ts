import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { uptime } from 'node:os'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { besideLock } from '../io/engine-lock.ts'

/** An address of somebody else's that haup has taken away: on which interface, and how the kernel described it. */
export type Withheld = { readonly interfaceName: string; readonly payload: Uint8Array }

/**
 * What haup owes: addresses that others had set and that no gate keeps closed, taken away while this box does not hold
 * them. A line each, beside the engine's lock, so that whoever cleans up after an engine that was killed can set them
 * again. A restart of the box ends both.
 */
export type WithheldNotes = {
  /** To be called before the kernel is changed. What cannot be noted must not be taken away. */
  readonly note: (withheld: readonly Withheld[]) => Result<void, string>
  readonly noted: () => readonly (Withheld & { readonly secondsAgo: number })[]
  readonly forget: () => void
}

export function createWithheldNotes(
  path: () => string = () => besideLock('withheld'),
  now: () => number = uptime,
): WithheldNotes {
  return {
    note: (withheld) => {
      if (withheld.length === 0) return ok(undefined)
      const lines = withheld.map((each) => `${Math.floor(now())} ${each.interfaceName} ${hex(each.payload)}\n`)
      try {
        appendFileSync(path(), lines.join(''), { mode: 0o600 })
        return ok(undefined)
      } catch (thrown) {
        return err(`it cannot be noted for later: ${messageOf(thrown)}`)
      }
    },
    noted: () => {
      try {
        return readFileSync(path(), 'utf8')
          .split('\n')
          .flatMap((line) => parse(line, now()))
      } catch {
        return []
      }
    },
    forget: () => rmSync(path(), { force: true }),
  }
}

/** A line that was cut short by a crash is none: the kernel was not changed then. */
function parse(line: string, now: number): readonly (Withheld & { readonly secondsAgo: number })[] {
  const [, at, interfaceName, payload] = /^(\d+) (\S+) ((?:[0-9a-f]{2}){8,})$/.exec(line) ?? []
  if (at === undefined || interfaceName === undefined || payload === undefined) return []
  return [
    { interfaceName, payload: Buffer.from(payload, 'hex'), secondsAgo: Math.max(0, Math.floor(now) - Number(at)) },
  ]
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
