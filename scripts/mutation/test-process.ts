import { Session } from 'node:inspector/promises'
import { createModules, headOf } from './loader.ts'
import { createRegister } from './registered-tests.ts'
import type { Order, Ran, Reply } from './test-messages.ts'

/** Started by `npm run mutate`: runs tests in this process, again and again, each time with modules of their own. */

/** Milliseconds: nothing in these tests waits for the real clock. */
const LONGEST_WAIT = 20_000

const reply = (message: Reply): void => void process.send?.(message)

let failed: (reason: unknown) => void = () => undefined
process.on('unhandledRejection', (reason) => failed(reason))
process.on('uncaughtException', (error) => failed(error))
process.on('message', (order: Order) => void carryOut(order).then(reply))

async function carryOut(order: Order): Promise<Reply> {
  const { measure } = order
  if (measure === undefined) return run(order)
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const outcome = await run(order)
  const { result } = await session.post('Profiler.takePreciseCoverage')
  session.disconnect()
  if (outcome.kind !== 'passed') return outcome
  const ranges: Record<string, Ran[]> = {}
  for (const { url, functions } of result.filter((each) => measure.includes(each.url))) {
    const head = headOf(url)
    const all = functions.flatMap((each) => each.ranges)
    ranges[url] = all.map(({ startOffset, endOffset, count }) => [startOffset - head, endOffset - head, count > 0])
  }
  return { kind: 'passed', ranges }
}

async function run({ tests, changed }: Order): Promise<Reply> {
  const { register, take } = createRegister()
  const open = createModules(register, changed)
  for (const test of tests) {
    reply({ kind: 'begins', test })
    let current = 'cannot be loaded'
    try {
      open(test)
      for (const { name, body } of take()) {
        current = name
        await bounded(body({ name, diagnostic: () => undefined }))
      }
    } catch (error) {
      return { kind: 'failed', test, name: current, error: String(error) }
    }
  }
  return { kind: 'passed', ranges: {} }
}

/** Fails with what nobody catches meanwhile, too, and when it never ends. */
async function bounded(result: unknown): Promise<void> {
  if (!(result instanceof Promise)) return
  const { promise, reject } = Promise.withResolvers<never>()
  failed = reject
  const timer = setTimeout(() => reject(new Error('waits for ever')), LONGEST_WAIT)
  await Promise.race([result, promise]).finally(() => clearTimeout(timer))
}
