import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Order, Reply } from './test-messages.ts'

/** One process that runs tests, replaced when it hangs or dies. */
export type TestRunner = {
  readonly run: (order: Order, secondsFor: (test: string) => number) => Promise<Outcome>
  readonly close: () => void
}

export type Outcome =
  /** In so many seconds of processor time. */
  | (Extract<Reply, { kind: 'passed' }> & { readonly seconds: number })
  | Extract<Reply, { kind: 'failed' }>
  /** It used more processor time than it was given, or all memory: as good as a failure. */
  | { readonly kind: 'endless'; readonly test: string }

export function createTestRunner(): TestRunner {
  let child: ChildProcess | undefined
  const start = (): ChildProcess =>
    fork(join(import.meta.dirname, 'test-process.ts'), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=1000'],
      serialization: 'advanced',
    })

  const run = (order: Order, secondsFor: (test: string) => number): Promise<Outcome> => {
    const running = child ?? start()
    child = running
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const begun = processorTime(running)
    let test = order.tests[0] ?? ''
    let from = begun
    const onMessage = (message: Reply): void => {
      if (message.kind === 'begins') {
        test = message.test
        from = processorTime(running)
      } else if (message.kind === 'passed') resolve({ ...message, seconds: processorTime(running) - begun })
      else resolve(message)
    }
    const onExit = (): void => {
      child = undefined
      resolve({ kind: 'endless', test })
    }
    const watch = setInterval(() => {
      if (processorTime(running) - from > secondsFor(test)) running.kill('SIGKILL')
    }, LOOK_EVERY)
    running.on('message', onMessage).on('exit', onExit)
    running.send(order)
    return promise.finally(() => {
      clearInterval(watch)
      running.off('message', onMessage).off('exit', onExit)
    })
  }
  return { run, close: () => void child?.kill('SIGKILL') }
}

const LOOK_EVERY = 500
const TICKS_PER_SECOND = 100

/** Seconds that the process has used: what other programs on the machine do does not count. */
function processorTime({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}
