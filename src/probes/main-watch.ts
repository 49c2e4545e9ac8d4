import { setTimeout as delay } from 'node:timers/promises'
import { errnoCode } from '../native/index.ts'
import { messageOf } from '../shared/errors.ts'
import { printable } from '../shared/log.ts'
import { judgeEnd, type Seen } from './main-verdict.ts'
import type { MainProcess } from './types.ts'

export type MainWatch = {
  /** Looks for the main process anew, again and again for a few seconds until it is there. */
  readonly seek: () => void
  /**
   * The server answers: worth a look if its main process is not known, but not with each answer. At once when it answers
   * again after its death, as when somebody has started it by hand.
   */
  readonly answered: () => void
  /** The session that the last known main process belonged to: its workers stay in it. */
  readonly session: () => number | undefined
  readonly close: () => void
}

export type MainWatchOptions = {
  readonly look: () => Promise<Seen>
  /** Throws with an errno name as `code` (ESRCH: there is no such process). Returns how to stop. */
  readonly watchExit: (pid: number, onExit: () => void) => () => void
  readonly read: (pid: number) => Promise<{ readonly startTime: string; readonly session: number } | undefined>
  /** Only what differs from what was told last. */
  readonly tell: (main: MainProcess) => void
}

type Process = { readonly pid: number; readonly startTime: string }

/** Pauses between looks for a main process that is on its way; the last one is repeated where the wait is bounded. */
const PAUSES_MS = [5, 10, 20, 40, 80, 160, 320, 640]
const LONGEST_PAUSE_MS = 160
/** Between looks that good answers of the server cause: more and more rarely while they find nothing. */
const IDLE_MS = 5_000
const LONGEST_IDLE_MS = 160_000

/**
 * Watches the main process of one service: its end is told at once, a successor (reload by two commands, binary upgrade,
 * restart by somebody else) is found and watched in its place. Every look belongs to a turn; what comes late is dropped.
 */
export function watchMain({ look, watchExit, read, tell }: MainWatchOptions): MainWatch {
  let turn = 0
  let stop: (() => void) | undefined
  let session: number | undefined
  let told: MainProcess | undefined
  let hopeless = false
  let seeking = false
  let lookedAt = 0
  let idleMs = IDLE_MS

  const say = (main: MainProcess): void => {
    if (JSON.stringify(told) === JSON.stringify(main)) return
    told = main
    tell(main)
  }

  const begin = (): number => {
    turn += 1
    seeking = false
    stop?.()
    stop = undefined
    return turn
  }

  /** The number may have changed hands before we held the process: its start time tells. */
  const attach = async (process: Process, mine: number): Promise<boolean> => {
    let ended = false
    let end: () => void
    try {
      end = watchExit(process.pid, () => {
        ended = true
        if (turn === mine && stop !== undefined) void follow(process)
      })
    } catch (thrown) {
      const gone = errnoCode(thrown) === 'ESRCH'
      if (!gone && turn === mine) giveUp(thrown)
      return !gone
    }
    const entry = await read(process.pid)
    if (turn !== mine || ended || entry?.startTime !== process.startTime) {
      end()
      return turn !== mine
    }
    stop = end
    session = entry.session
    idleMs = IDLE_MS
    say({ kind: 'watched', pid: process.pid })
    return true
  }

  const giveUp = (thrown: unknown): void => {
    const code = errnoCode(thrown)
    hopeless = code === 'ENOSYS' || code === 'EPERM'
    const reason = code === 'ENOSYS' ? 'this kernel has no pidfd (Linux 5.3)' : messageOf(thrown)
    say({ kind: 'polled', reason: printable(reason) })
  }

  /** One look, and the watch if it finds the process; true when there is nothing left to do in this turn. */
  const tryOnce = async (mine: number, isLast: boolean): Promise<boolean> => {
    lookedAt = performance.now()
    const seen = await look()
    if (turn !== mine) return true
    if (seen.kind === 'runs') return attach(seen, mine)
    // Nobody has started it again: what answers are workers without their main process.
    const isOrphaned = told?.kind === 'died' && seen.kind === 'crashed'
    if (isLast && !isOrphaned) say({ kind: 'polled', reason: printable(seen.reason) })
    return false
  }

  /** After its death nothing is said of a process that is not there. */
  const seek = async (pauses: readonly number[], isDead = false): Promise<void> => {
    if (hopeless) return
    const mine = begin()
    seeking = true
    for (const [index, pause] of [0, ...pauses].entries()) {
      if (pause > 0) await delay(pause)
      if (turn !== mine) return
      if (await tryOnce(mine, !isDead && index === pauses.length)) break
    }
    if (turn === mine) seeking = false
  }

  /** The process has ended: finds out what that means. */
  const follow = async (former: Process): Promise<void> => {
    const mine = begin()
    const since = performance.now()
    for (let pause = PAUSES_MS[0] ?? 0; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const seen = await look()
      if (turn !== mine) return
      const verdict = judgeEnd(former, seen, performance.now() - since)
      if (verdict === 'died') {
        say({ kind: 'died', pid: former.pid, how: seen.kind === 'runs' ? 'no other one was started' : seen.reason })
        return void seek(PAUSES_MS, true)
      }
      if (verdict === 'replaced' && seen.kind === 'runs' && (await attach(seen, mine))) return
      await delay(pause)
      if (turn !== mine) return
    }
  }

  return {
    seek: () => void seek(PAUSES_MS, told?.kind === 'died'),
    answered: () => {
      if (stop !== undefined || seeking) return
      const isBack = told?.kind === 'died'
      if (!isBack && performance.now() - lookedAt < idleMs) return
      idleMs = isBack ? IDLE_MS : Math.min(2 * idleMs, LONGEST_IDLE_MS)
      void seek([])
    },
    session: () => session,
    close: () => void begin(),
  }
}
