import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './loader.ts'
import type { Ran } from './test-messages.ts'
import type { TestRunner } from './test-runner.ts'

/** What one test file runs, and for how long when nothing is wrong, in seconds of processor time. */
export type Reach = {
  readonly test: string
  readonly seconds: number
  readonly ranges: Readonly<Record<string, readonly Ran[]>>
}

export const kept = join(root, 'node_modules/.cache/haup-mutation')

/** Runs the tests, or remembers how that was when nothing has changed since. A test that fails is an error. */
export async function reachOf(
  tests: readonly string[],
  files: readonly string[],
  runner: TestRunner,
): Promise<readonly Reach[]> {
  mkdirSync(kept, { recursive: true })
  const common = globSync('{src,test,scripts/mutation}/**/*.ts', { cwd: root }).filter((file) => !isTest(file))
  const seed = digest(common.sort(), files.join())
  const result: Reach[] = []
  for (const test of tests) {
    const memory = join(kept, `${digest([test], seed)}.json`)
    const known = remembered(memory)
    const reach = known ?? (await measured(test, files, runner))
    if (known === undefined) writeFileSync(memory, JSON.stringify(reach))
    result.push(reach)
  }
  return result
}

/** Whether this test file runs what stands at this place. */
export function reaches({ ranges }: Reach, file: string, at: number): boolean {
  const around = (ranges[file] ?? []).filter(([start, end]) => start <= at && at < end)
  const innermost = around.toSorted((a, b) => a[1] - a[0] - (b[1] - b[0]))[0]
  return innermost?.[2] ?? false
}

const LONGEST = 120

async function measured(test: string, files: readonly string[], runner: TestRunner): Promise<Reach> {
  const order = { tests: [test], changed: undefined }
  const outcomes = [
    await runner.run({ ...order, measure: files }, () => LONGEST),
    await runner.run({ ...order, measure: undefined }, () => LONGEST),
  ]
  const [first, second] = outcomes
  if (first?.kind === 'passed' && second?.kind === 'passed') {
    return { test, seconds: second.seconds, ranges: first.ranges }
  }
  throw new Error(`${test} does not pass as things are: ${JSON.stringify(outcomes)}`)
}

function remembered(path: string): Reach | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

const isTest = (file: string): boolean => file.endsWith('.test.ts')

function digest(files: readonly string[], seed = ''): string {
  const hash = createHash('sha256').update(seed)
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 24)
}
