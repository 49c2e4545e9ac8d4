import { runAsUser } from '../probes/run-as-user.ts'
import { type CommandReport, describeEnd } from '../probes/run-command.ts'
import { lastLine } from '../probes/telling-line.ts'
import type { Log } from '../shared/log.ts'
import { formatDuration, type Micros, toMillis } from '../shared/units.ts'
import { describeChange, enqueue, type NotifyCommand, notifyChanges, notifyStop } from './core/notify.ts'
import type { EngineState, NodePlan } from './core/types.ts'

export type Notifier = {
  /** To be called with the engine's state after each event. Returns at once. */
  readonly onState: (state: EngineState) => void
  /**
   * To be called when the addresses are released: runs the commands for the stop. What still waits is dropped, a command
   * that runs has half of `limit`; resolves within `limit`, when nothing of it runs any more.
   */
  readonly stop: (limit: Micros) => Promise<void>
}

export type NotifierOptions = {
  readonly plan: () => NodePlan
  readonly initial: EngineState
  /** Resolves when the addresses of an instance are as its state says. */
  readonly settled: (instance: string) => Promise<void>
  readonly log: Log
  readonly onBug: (thrown: unknown) => void
  readonly run?: (command: NotifyCommand, signal: AbortSignal) => Promise<CommandReport>
}

/** Runs commands that are told of changes of state: one at a time, in order, each for no longer than its timeout. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { plan, settled, log, onBug, run = runAsUser } = options
  let state = options.initial
  let waiting: readonly NotifyCommand[] = []
  let running: Promise<void> | undefined
  let current = new AbortController()
  let stopped = false

  const add = (commands: readonly NotifyCommand[]): void => {
    if (commands.length === 0) return
    const next = enqueue(waiting, commands)
    waiting = next.waiting
    sayDropped(next.dropped, 'too many wait')
    running ??= runAll().catch(onBug)
  }

  const sayDropped = (dropped: readonly NotifyCommand[], why: string): void => {
    for (const command of dropped) say('warn', command, 'dropped', `not run, ${why}`)
  }

  const dropWaiting = (why: string): void => {
    sayDropped(waiting, why)
    waiting = []
  }

  const say = (level: 'info' | 'warn', command: NotifyCommand, code: string, text: string): void => {
    const message = `told ${describeChange(command)}: ${command.argv.join(' ')}: ${text}`
    log({ level, subject: command.instance, code: `notify.${code}`, message })
  }

  const runAll = async (): Promise<void> => {
    try {
      for (let next = take(); next !== undefined; next = take()) await runOne(next)
    } finally {
      // At once, not a turn later: what is added from now on starts the next run.
      running = undefined
    }
  }

  const take = (): NotifyCommand | undefined => {
    const [first, ...rest] = waiting
    waiting = rest
    return first
  }

  const runOne = async (command: NotifyCommand): Promise<void> => {
    current = new AbortController()
    const { signal } = current
    await settled(command.instance)
    const timer = setTimeout(() => current.abort(), toMillis(command.timeout))
    const { end, output, took } = await run(command, signal)
    clearTimeout(timer)
    const limit = end.kind === 'killed' ? formatDuration(took) : formatDuration(command.timeout)
    const line = lastLine(output)
    const text = `${describeEnd(end, limit)}${line === '' ? '' : `: ${line}`}`
    const good = end.kind === 'exit' && end.code === 0
    say(good ? 'info' : 'warn', command, good ? 'done' : 'failed', text)
  }

  return {
    onState: (after) => {
      const before = state
      state = after
      if (!stopped) add(notifyChanges(plan(), before, after))
    },
    stop: async (limit) => {
      stopped = true
      dropWaiting('the engine stops')
      const half = setTimeout(() => current.abort(), toMillis(limit) / 2)
      const end = setTimeout(() => {
        dropWaiting('the engine has to end')
        current.abort()
      }, toMillis(limit))
      await running
      clearTimeout(half)
      add(notifyStop(plan(), state))
      await running
      clearTimeout(end)
    },
  }
}
