import { setTimeout as delay } from 'node:timers/promises'
import { lockHolder } from '../../engine/io/lock-holder.ts'
import { EXIT, UserError } from '../../shared/errors.ts'

/** From an engine's taking the lock until it listens: far less, but for a box that is busy. */
const PATIENCE_MS = 5_000
const PAUSE_MS = 50

export type Starting = {
  /** The engine that lives here, which may not listen yet; undefined: none. */
  readonly engine: () => number | undefined
  readonly patienceMs: number
}

/**
 * Asks an engine that may just be starting: its lock tells that it lives before it listens. Throws what `ask` throws, and
 * UserError `engine.starting` (exit 4) when it lives and does not listen in five seconds.
 */
export async function onceStarted<T>(
  ask: () => Promise<T>,
  { engine, patienceMs }: Starting = { engine: lockHolder, patienceMs: PATIENCE_MS },
): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await ask()
    } catch (thrown) {
      if (!(thrown instanceof UserError) || thrown.code !== 'engine.not-running') throw thrown
      const pid = engine()
      if (pid === undefined) throw thrown
      if (performance.now() >= end) throw starting(pid, thrown)
      await delay(PAUSE_MS)
    }
  }
}

const starting = (pid: number, cause: UserError): UserError =>
  new UserError(`an engine lives (pid ${pid}) and does not listen: ${cause.message}`, {
    code: 'engine.starting',
    exitCode: EXIT.notRunning,
    nextSteps: ['it may be starting: try again', 'or it listens elsewhere: --run-dir, as it was started with'],
    cause,
  })
