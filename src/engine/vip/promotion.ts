import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { besideLock } from '../io/engine-lock.ts'

/**
 * Interfaces on which haup has turned on `promote_secondaries`, that was off: by name, a line each, beside the engine's
 * lock, so that whoever cleans up after an engine that was killed can turn it off again. A restart of the box ends both.
 */
export type PromotionNotes = {
  /** To be called before it is turned on. */
  readonly note: (interfaceNames: readonly string[]) => void
  readonly noted: () => readonly string[]
  readonly forget: () => void
}

export function createPromotionNotes(path: () => string = () => besideLock('promoted')): PromotionNotes {
  const noted = (): readonly string[] => [...new Set((read(path) ?? '').split('\n').filter((name) => name !== ''))]
  return {
    note: (names) => {
      const off = names.filter((name) => !noted().includes(name) && setting(name)?.trim() === '0')
      // A note that cannot be kept is no reason to do without the setting.
      if (off.length > 0) attempt(() => appendFileSync(path(), `${off.join('\n')}\n`, { mode: 0o600 }))
    },
    noted,
    forget: () => void attempt(() => rmSync(path(), { force: true })),
  }
}

const setting = (name: string): string | undefined => read(() => `/proc/sys/net/ipv4/conf/${name}/promote_secondaries`)

const read = (path: () => string): string | undefined => attempt(() => readFileSync(path(), 'utf8'))

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
