import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runChaos } from './support/run.ts'

/** The slice of `npm run chaos` that every change has to stand, about 90 s; longer runs and other seeds find more. */
const SEED = 20_261
const EPISODES = 8
const LIMIT_S = 600

for (const mute of [false, true]) {
  const how = mute ? 'by VRRP and ARP alone' : 'with a channel between them'
  test(`a live pair under random faults, ${how}, ${EPISODES} episodes (seed ${SEED})`, (context) =>
    disturb(context, mute))
}

async function disturb(context: TestContext, mute: boolean): Promise<void> {
  const directory = join(tmpdir(), `haup-chaos-${SEED}-${mute ? 'mute-' : ''}${process.pid}`)
  const print = (line: string) => context.diagnostic(line)
  print(`log in ${directory}`)
  const result = await runChaos({ seed: SEED, seconds: LIMIT_S, episodes: EPISODES, mute, directory, print })
  assert.deepEqual(
    result.problems,
    [],
    `log in ${directory}; again: npm run chaos -- --seed ${SEED}${mute ? ' --mute' : ''}`,
  )
  assert.equal(result.episodes, EPISODES)
}
