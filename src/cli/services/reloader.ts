import { setTimeout as delay } from 'node:timers/promises'
import type { ControlResponse, Warning } from '../../control/messages.ts'
import { type Bucket, draw, type Pace, payableAt } from '../../engine/core/bucket.ts'
import type { Engine } from '../../engine/engine.ts'
import type { SdNotify } from '../../engine/io/sd-notify.ts'
import { UserError } from '../../shared/errors.ts'
import type { Log } from '../../shared/log.ts'
import { fromSeconds, type Micros, minus, toMillis } from '../../shared/units.ts'
import { type PreparedEngine, prepareEngine } from './prepare-engine.ts'

export type Reloader = {
  /** Reads the configuration again and goes on by it; one that is wrong changes nothing. */
  readonly handle: () => Promise<ControlResponse>
  /** Warnings about the configuration in force. */
  readonly warnings: () => readonly Warning[]
}

export type ReloaderOptions = {
  readonly options: { readonly config: string; readonly node: string | undefined }
  readonly prepared: PreparedEngine
  readonly engine: Pick<Engine, 'follow'>
  readonly manager: Pick<SdNotify, 'reloading' | 'ready'>
  readonly log: Log
  readonly now: () => Micros
  readonly read?: typeof prepareEngine
  readonly wait?: (ms: number) => Promise<unknown>
}

/** A reload interrupts the loop: whoever asks without end has it seldom. Nobody who reloads by hand gets there. */
const PACE: Pace = { burst: 5, every: fromSeconds(2) }

/**
 * `haup reload` and SIGHUP: one is under way, and one may wait, which answers all who ask until it begins to read; at a
 * bounded pace.
 */
export function createReloader(options: ReloaderOptions): Reloader {
  const { engine, manager, log, now, read = prepareEngine, wait = idly } = options
  let { warnings } = options.prepared
  let last: Promise<unknown> = Promise.resolve()
  let waiting: { readonly turn: Promise<ControlResponse>; asked: number } | undefined
  let bucket: Bucket | undefined

  const inPace = async (): Promise<void> => {
    if (bucket !== undefined) await wait(Math.max(0, Math.ceil(toMillis(minus(payableAt(bucket, PACE), now())))))
    bucket = draw(bucket, PACE, now()).bucket
  }

  const takeTurn = async (): Promise<ControlResponse> => {
    await inPace()
    const more = (waiting?.asked ?? 1) - 1
    waiting = undefined
    return reload(more)
  }

  const reload = async (more: number): Promise<ControlResponse> => {
    manager.reloading()
    try {
      const next = await read(options.options.config, options.options.node)
      const changes = await engine.follow(next.plan)
      warnings = next.warnings
      sayWarnings(next, log)
      const message = `configuration read again: ${changes.join('; ') || 'nothing changed'}`
      const asked = more === 0 ? '' : ` (asked for ${more + 1} times)`
      log({ level: 'info', subject: 'haup', code: 'config.reloaded', message: `${message}${asked}` })
      return { ok: true, changes }
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown
      const message = `configuration not taken, everything stays as it was: ${thrown.message}`
      log({ level: 'error', subject: 'haup', code: 'config.refused', message })
      return { ok: false, code: thrown.code, message, next_steps: thrown.nextSteps }
    } finally {
      manager.ready()
    }
  }

  return {
    handle: () => {
      if (waiting !== undefined) {
        waiting.asked += 1
        return waiting.turn
      }
      const turn = last.then(takeTurn)
      waiting = { turn, asked: 1 }
      last = turn.catch(() => undefined)
      return turn
    },
    warnings: () => warnings,
  }
}

/** An engine that ends does not wait for it. */
const idly = (ms: number): Promise<void> => delay(ms, undefined, { ref: false })

export function sayWarnings({ warnings }: PreparedEngine, log: Log): void {
  for (const { code, message } of warnings) log({ level: 'warn', subject: 'haup', code, message })
}
