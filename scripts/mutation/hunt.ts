import type { Mutant } from './mutants.ts'
import { type Reach, reaches } from './reach.ts'
import type { TestRunner } from './test-runner.ts'

/** Looks for a test that notices a mutant, the likeliest one first; returns its name, or undefined when there is none. */
export type Hunt = (mutant: Mutant, runner: TestRunner) => Promise<string | undefined>

/** Processor time for one test file: several times what it takes when nothing is wrong, and for a slow start. */
const allowed = (seconds: number): number => 3 * seconds + 3

/** `within`: seconds of tests for each mutant. */
export function createHunt(all: readonly Reach[], within = Number.POSITIVE_INFINITY): Hunt {
  /** By file: tests that have noticed something there, the last one first. */
  const successful = new Map<string, readonly string[]>()
  const seconds = new Map(all.map((reach) => [reach.test, reach.seconds]))

  const testsFor = (mutant: Mutant): readonly string[] => {
    const before = successful.get(mutant.file) ?? []
    const rank = (reach: Reach): number => {
      const place = before.indexOf(reach.test)
      if (isOwnTest(reach.test, mutant.file)) return 0
      return place === -1 ? reach.seconds : reach.seconds * Math.min(1, 0.1 * (place + 1))
    }
    const order = all.filter((reach) => reaches(reach, mutant.file, mutant.start)).toSorted((a, b) => rank(a) - rank(b))
    const isWithin = (_: Reach, index: number): boolean => secondsOf(order.slice(0, index + 1)) <= within
    return order.filter(isWithin).map(({ test }) => test)
  }

  return async (mutant, runner) => {
    const { file, start, end, text } = mutant
    const tests = testsFor(mutant)
    if (tests.length === 0) return undefined
    const order = { tests, changed: { file, start, end, text }, measure: undefined }
    const outcome = await runner.run(order, (test) => allowed(seconds.get(test) ?? 0))
    if (outcome.kind === 'passed') return undefined
    successful.set(file, [outcome.test, ...(successful.get(file) ?? []).filter((each) => each !== outcome.test)])
    return outcome.kind === 'endless' ? `${outcome.test}: does not end` : `${outcome.test}: ${outcome.name}`
  }
}

export const secondsOf = (some: readonly Reach[]): number => some.reduce((sum, { seconds }) => sum + seconds, 0)

/** Of the same name, with or without something after it. */
function isOwnTest(test: string, file: string): boolean {
  const name = file.replace(/^src\//, 'test/').replace(/\.ts$/, '')
  return test === `${name}.test.ts` || test.startsWith(`${name}-`)
}
