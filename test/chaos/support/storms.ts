import { setTimeout as delay } from 'node:timers/promises'

/** Programs that do the same again and again, one at a box. */
export type Storms = {
  /** Calls `strike` with pauses until `end`; nothing when one goes on at the box. */
  readonly begin: (box: string, strike: () => Promise<unknown>) => void
  /** Resolves when the last stroke is over. */
  readonly end: (box: string) => Promise<void>
}

/** Often enough to meet an engine that has just put things right. */
const PAUSE_MS = 40

export function createStorms(): Storms {
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()
  const rage = async (strike: () => Promise<unknown>, { signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      await strike()
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  return {
    begin: (box, strike) => {
      if (running.has(box)) return
      const stop = new AbortController()
      running.set(box, { stop, ended: rage(strike, stop) })
    },
    end: async (box) => {
      const storm = running.get(box)
      running.delete(box)
      storm?.stop.abort()
      await storm?.ended
    },
  }
}
