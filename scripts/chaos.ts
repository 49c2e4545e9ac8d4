import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from '../test/chaos/support/run.ts'
import { runLong } from '../test/sim/long.ts'

/**
 * `npm run chaos`: a live pair under random faults; exit code 1 when something was wrong.
 *   --seconds N, --seed S   how long (20 minutes), and what: a run is repeated with the seed that it printed
 *   --without FAULT         may be repeated: looks past a defect that is known; the rest of the plan stays the same
 *   --mute                   without a channel between the nodes
 *   --sim, --steps N        the simulated LAN instead, for a million steps; no root needed
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1200' },
    seed: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    mute: { type: 'boolean', default: false },
    sim: { type: 'boolean', default: false },
    steps: { type: 'string', default: '1000000' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const PROGRESS_EVERY = 100_000

process.exitCode = (values.sim ? simulate(Number(values.steps)) : await disturb(Number(values.seconds))) ? 0 : 1

async function disturb(seconds: number): Promise<boolean> {
  const directory = join(tmpdir(), `haup-chaos-${seed}-${process.pid}`)
  print(`chaos: seed ${seed}, ${seconds} s, log in ${directory}`)
  const { mute, without: left } = values
  const { episodes, faults, problems } = await runChaos({ seed, seconds, directory, print, mute, without: left })
  print(`chaos: seed ${seed}: ${episodes} episodes, ${faults} faults, ${problems.length} problems; log in ${directory}`)
  const without = [...left.map((fault) => ` --without ${fault}`), ...(mute ? [' --mute'] : [])].join('')
  if (problems.length > 0) print(`again: npm run chaos -- --seed ${seed} --seconds ${seconds}${without}`)
  return problems.length === 0
}

function simulate(steps: number): boolean {
  let told = 0
  print(`chaos: simulated LAN, seeds from ${seed} on, ${steps} steps`)
  const run = runLong(seed, steps, (histories, ran) => {
    if (ran - told < PROGRESS_EVERY) return
    told = ran
    print(`  ${histories} histories, ${ran} steps`)
  })
  print(run.wrong ?? `chaos: ${run.histories} histories, ${run.steps} steps: all invariants held`)
  return run.wrong === undefined
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
