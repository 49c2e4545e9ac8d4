import type { ControlResponse, Warning } from '../../control/messages.ts'
import type { Engine } from '../../engine/engine.ts'
import type { SdNotify } from '../../engine/io/sd-notify.ts'
import { UserError } from '../../shared/errors.ts'
import type { Log } from '../../shared/log.ts'
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
  readonly engine: Engine
  readonly manager: Pick<SdNotify, 'reloading' | 'ready'>
  readonly log: Log
}

/** `haup reload` and SIGHUP: one at a time, in order. */
export function createReloader({ options, prepared, engine, manager, log }: ReloaderOptions): Reloader {
  let { warnings } = prepared
  let last: Promise<unknown> = Promise.resolve()

  const reload = async (): Promise<ControlResponse> => {
    manager.reloading()
    try {
      const next = await prepareEngine(options.config, options.node)
      const changes = await engine.follow(next.plan)
      warnings = next.warnings
      sayWarnings(next, log)
      const message = `configuration read again: ${changes.join('; ') || 'nothing changed'}`
      log({ level: 'info', subject: 'haup', code: 'config.reloaded', message })
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
      const turn = last.then(reload)
      last = turn.catch(() => undefined)
      return turn
    },
    warnings: () => warnings,
  }
}

export function sayWarnings({ warnings }: PreparedEngine, log: Log): void {
  for (const { code, message } of warnings) log({ level: 'warn', subject: 'haup', code, message })
}
