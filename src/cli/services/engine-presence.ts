import { getStatus } from '../../control/client.ts'
import { lockEngine } from '../../engine/io/engine-lock.ts'
import { lockHolder } from '../../engine/io/lock-holder.ts'
import { UserError } from '../../shared/errors.ts'
import { unlockable } from './cleanup.ts'

/** Whether an engine decides on this box; `none` holds its lock meanwhile, so that none can start. */
export type EnginePresence =
  | { readonly kind: 'none'; readonly release: () => void }
  | { readonly kind: 'answers'; readonly pid: number }
  /** It lives and says nothing: stopped, or it hangs. `pid` undefined: it cannot be seen from here. */
  | { readonly kind: 'silent'; readonly pid: number | undefined; readonly why: string }

/** Throws UserError when the lock cannot be tried. Takes as long as an engine may take to answer: two seconds. */
export async function findEngine(runDir: string): Promise<EnginePresence> {
  const lock = await lockEngine()
  if (lock.ok) return { kind: 'none', release: lock.value.release }
  if (lock.error !== 'held') throw unlockable(lock.error)
  try {
    return { kind: 'answers', pid: (await getStatus(runDir)).pid }
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return { kind: 'silent', pid: lockHolder(), why: thrown.message }
  }
}

/** `pid 1234`, or how to find it. */
export const killStep = (pid: number | undefined): string =>
  pid === undefined ? 'end it: systemctl kill -s KILL haup' : `end it: kill -9 ${pid}`
