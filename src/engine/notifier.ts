import { runAsUser } from '../probes/run-as-user.ts'
import { type CommandReport, describeEnd } from '../probes/run-command.ts'
import { lastLine } from '../probes/telling-line.ts'
import type { Log } from '../shared/log.ts'
import { formatDuration, fromSeconds, type Micros, minus, toMillis } from '../shared/units.ts'
import { type Bucket, draw, type Pace } from './core/bucket.ts'
import {
  describeChange,
  enqueue,
  type NotifyChange,
  type NotifyCommand,
  type NotifyPaces,
  nextChange,
  notifyChanges,
  notifyStop,
} from './core/notify.ts'
import { andMore } from './core/said.ts'
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
  readonly now: () => Micros
  readonly log: Log
  readonly onBug: (thrown: unknown) => void
  readonly run?: (command: NotifyCommand, signal: AbortSignal) => Promise<CommandReport>
}

/** Log lines of one kind about one instance: what flaps must not fill the log with what was told of it. */
const LINES: Pace = { burst: 40, every: fromSeconds(60) }

/**
 * Runs commands that are told of changes of state: one at a time, each for no longer than its timeout. Of an instance whose
 * state flaps only the newest change waits, and is told at a bounded pace.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { plan, settled, now, log, onBug, run = runAsUser } = options
  let state = options.initial
  let waiting: readonly NotifyChange[] = []
  /** Of the change that is being told: what has not run yet. */
  let rest: readonly NotifyCommand[] = []
  let paces: NotifyPaces = new Map()
  const lines = new Map<string, Bucket & { readonly more: number }>()
  let running: Promise<void> | undefined
  let pause: NodeJS.Timeout | undefined
  let current = new AbortController()
  let stopped = false

  const add = (changes: readonly NotifyChange[]): void => {
    if (changes.length === 0) return
    const next = enqueue(waiting, changes)
    waiting = next.waiting
    for (const change of next.dropped) sayReplaced(change)
    resume()
  }

  const resume = (): void => {
    running ??= runAll().catch(onBug)
  }

  const sayReplaced = ({ commands: [first] }: NotifyChange): void => {
    if (first !== undefined) tell('warn', first, 'dropped', 'not run, the state has changed again')
  }

  const dropWaiting = (why: string): void => {
    for (const command of [...rest, ...waiting.flatMap(({ commands }) => commands)]) {
      tell('warn', command, 'dropped', `not run, ${why}`)
    }
    rest = []
    waiting = []
  }

  const tell = (level: 'info' | 'warn', command: NotifyCommand, code: string, text: string): void => {
    const { instance: subject } = command
    const key = `${subject} ${code}`
    const { bucket, paid } = draw(lines.get(key), LINES, now())
    const more = lines.get(key)?.more ?? 0
    lines.set(key, { ...bucket, more: paid ? 0 : more + 1 })
    if (!paid) return
    const message = `told ${describeChange(command)}: ${command.argv.join(' ')}: ${text}${andMore(more)}`
    log({ level, subject, code: `notify.${code}`, message })
  }

  const runAll = async (): Promise<void> => {
    clearTimeout(pause)
    try {
      for (let next = take(); next !== undefined; next = take()) await runOne(next)
    } finally {
      // At once, not a turn later: what is added from now on starts the next run.
      running = undefined
    }
  }

  const take = (): NotifyCommand | undefined => {
    if (rest.length === 0) rest = takeChange()
    const [first, ...others] = rest
    rest = others
    return first
  }

  const takeChange = (): readonly NotifyCommand[] => {
    const next = nextChange(waiting, stopped ? new Map() : paces, now())
    if (next.change === undefined) {
      // Nothing that ends has to wait for it.
      if (next.again !== undefined) pause = setTimeout(resume, toMillis(minus(next.again, now()))).unref()
      return []
    }
    waiting = next.waiting
    paces = next.paces
    return next.change.commands
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
    tell(good ? 'info' : 'warn', command, good ? 'done' : 'failed', text)
  }

  return {
    onState: (after) => {
      const before = state
      state = after
      if (!stopped) add(notifyChanges(plan(), before, after))
    },
    stop: async (limit) => {
      stopped = true
      clearTimeout(pause)
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
