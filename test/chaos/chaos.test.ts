import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runChaos } from './support/run.ts'

/** The slice of `npm run chaos` that every change has to stand; longer runs and other seeds find more. */
const SEED = 20_261
const SECONDS = 90

test(`a live pair under random faults for ${SECONDS} s (seed ${SEED})`, async (context) => {
  const directory = join(tmpdir(), `haup-chaos-${SEED}-${process.pid}`)
  const print = (line: string) => context.diagnostic(line)
  print(`log in ${directory}`)
  const { episodes, problems } = await runChaos({ seed: SEED, seconds: SECONDS, directory, print })
  assert.deepEqual(problems, [], `log in ${directory}; again: npm run chaos -- --seed ${SEED} --seconds ${SECONDS}`)
  assert.ok(episodes >= 5, `${episodes} episodes`)
})
