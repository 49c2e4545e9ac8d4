import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../test/sim/random.ts'
import { outdated, readExplained, whyHarmless } from './mutation/explained.ts'
import { createHunt, type Hunt, secondsOf } from './mutation/hunt.ts'
import { root } from './mutation/loader.ts'
import { type Mutant, mutantsOf } from './mutation/mutants.ts'
import { kept, reachOf } from './mutation/reach.ts'
import { readSource } from './mutation/source.ts'
import { catchingTests, decidingFiles } from './mutation/targets.ts'
import { createTestRunner } from './mutation/test-runner.ts'

/**
 * `npm run mutate`: makes each small mistake that can be made in the code that decides, and looks whether a test notices
 * it. Exit code 1 when one is not noticed and not explained in test/mutation/explained.yaml.
 *   FILE...              these files only
 *   --sample N, --seed S  so many mistakes, drawn at random; a run prints its seed, which repeats it
 *   --part I/N            the I-th of N parts, for a run in several sittings
 *   --again               those only that nobody noticed in the last run
 *   --within SECONDS     only the likeliest tests for each, which take so long together
 *   --verbose            says what notices each of them
 *   --jobs N              processes at a time
 *   --list                says what would be tried, and does not
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string' },
    part: { type: 'string', default: '1/1' },
    again: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    within: { type: 'string', default: 'Infinity' },
    verbose: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

const isThorough = values.within === 'Infinity'
/** What a change costs in time before somebody is told: seconds of processor time for all tests together. */
const MOST_SECONDS = 60
const LAST = join(kept, 'last.json')

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const nameOf = ({ file, line, change }: Mutant): string => `${file}:${line}  ${change}`

const files = positionals.length > 0 ? positionals : decidingFiles(root)
const mutants = chosen(files.flatMap((file) => mutantsOf(file, readSource(join(root, file)))))

function chosen(all: readonly Mutant[]): readonly Mutant[] {
  if (values.again) {
    const last: readonly string[] = JSON.parse(readFileSync(LAST, 'utf8'))
    return all.filter(({ file, change }) => last.includes(`${file} ${change}`))
  }
  const [part = 1, parts = 1] = values.part.split('/').map(Number)
  const mine = all.filter((_, index) => index % parts === part - 1)
  if (values.sample === undefined) return mine
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
  print(`mutate: seed ${seed}`)
  const { next } = createRandom(seed)
  return mine
    .map((mutant) => ({ mutant, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, Number(values.sample))
    .map(({ mutant }) => mutant)
}

async function run(): Promise<boolean> {
  const runner = createTestRunner()
  const reach = await reachOf(catchingTests(root, isThorough), decidingFiles(root), runner)
  runner.close()
  const seconds = secondsOf(reach)
  print(
    `mutate: ${mutants.length} changes in ${files.length} files, against ${reach.length} test files of ${seconds.toFixed(0)} s`,
  )
  const survivors = await survivorsAmong(mutants, createHunt(reach, Number(values.within)))
  writeFileSync(LAST, JSON.stringify(survivors.map(({ file, change }) => `${file} ${change}`)))
  return report(survivors, seconds)
}

async function survivorsAmong(all: readonly Mutant[], hunt: Hunt): Promise<readonly Mutant[]> {
  const survivors: Mutant[] = []
  const waiting = [...all]
  let done = 0
  const work = async (): Promise<void> => {
    const runner = createTestRunner()
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const noticed = await hunt(mutant, runner)
      done += 1
      if (noticed === undefined) survivors.push(mutant)
      if (noticed === undefined) print(`not noticed: ${nameOf(mutant)}`)
      else if (values.verbose) print(`${nameOf(mutant)}\n    noticed by ${noticed}`)
      if (done % 100 === 0) print(`  ${done} of ${all.length}, ${survivors.length} not noticed`)
    }
    runner.close()
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  return survivors.toSorted((a, b) => a.file.localeCompare(b.file) || a.start - b.start)
}

function report(survivors: readonly Mutant[], seconds: number): boolean {
  const explained = readExplained()
  const fresh = survivors.filter((mutant) => whyHarmless(explained, mutant) === undefined)
  const isWhole = !values.again && isThorough && values.sample === undefined && values.part === '1/1'
  const stale = isWhole ? outdated(explained, files, survivors) : []
  for (const mutant of fresh) print(`NOT NOTICED: ${nameOf(mutant)}`)
  for (const each of stale) print(`explained, and noticed by now or gone: ${each}`)
  for (const file of files) print(lineAbout(file, survivors))
  print(shareOf(mutants, survivors))
  if (seconds > MOST_SECONDS) print(`the tests take ${seconds.toFixed(0)} s, more than ${MOST_SECONDS}`)
  return fresh.length === 0 && stale.length === 0 && seconds <= MOST_SECONDS
}

const lineAbout = (file: string, survivors: readonly Mutant[]): string =>
  `${file.padEnd(44)} ${shareOf(
    mutants.filter((mutant) => mutant.file === file),
    survivors.filter((mutant) => mutant.file === file),
  )}`

function shareOf(all: readonly Mutant[], survivors: readonly Mutant[]): string {
  const noticed = all.length - survivors.length
  return `${noticed} of ${all.length} noticed (${((100 * noticed) / Math.max(1, all.length)).toFixed(1)} %)`
}

if (values.list) for (const mutant of mutants) print(nameOf(mutant))
else process.exitCode = (await run()) ? 0 : 1
