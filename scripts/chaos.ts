import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runAttack } from '../test/chaos/support/attack.ts'
import { runChaos } from '../test/chaos/support/run.ts'
import { runCells } from '../test/sim/cells/run.ts'
import { makeTable } from '../test/sim/cells/table.ts'
import { runLong } from '../test/sim/long.ts'

/**
 * `npm run chaos`: a live pair under random faults; exit code 1 when something was wrong.
 *   --seconds N, --seed S   how long (20 minutes), and what: a run is repeated with the seed that it printed
 *   --without FAULT         may be repeated: looks past a defect that is known; the rest of the plan stays the same
 *   --mute                   without a channel between the nodes
 *   --attack                 somebody on the LAN forges, floods and replays instead; 10 minutes, `--seconds` and `--seed` as above
 *   --sim, --steps N        the simulated LAN instead, for a million steps; no root needed
 *   --cells                  every fault of every path and node, alone and in pairs, simulated; hours (--part 1/8: an eighth;
 *                            --pairs N: so many pairs; --only NAME: that cell, with its log; --table: writes docs/cells.md)
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    mute: { type: 'boolean', default: false },
    attack: { type: 'boolean', default: false },
    sim: { type: 'boolean', default: false },
    steps: { type: 'string', default: '1000000' },
    cells: { type: 'boolean', default: false },
    only: { type: 'string' },
    table: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    part: { type: 'string', default: '1/1' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const PROGRESS_EVERY = 100_000

const DISTURB_S = 1_200
const ATTACK_S = 600

process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  if (values.cells) return playCells()
  if (values.sim) return await simulate(Number(values.steps))
  return values.attack ? strike(Number(values.seconds ?? ATTACK_S)) : disturb(Number(values.seconds ?? DISTURB_S))
}

async function strike(seconds: number): Promise<boolean> {
  const directory = join(tmpdir(), `haup-attack-${seed}-${process.pid}`)
  print(`attack: seed ${seed}, ${seconds} s, logs in ${directory}`)
  const { problems } = await runAttack({ seed, seconds, directory, print })
  for (const problem of problems) print(`PROBLEM: ${problem}`)
  print(`attack: seed ${seed}: ${problems.length} problems; logs in ${directory}`)
  return problems.length === 0
}

async function playCells(): Promise<boolean> {
  if (values.table) {
    writeFileSync(join(import.meta.dirname, '../docs/cells.md'), await makeTable(1))
    return true
  }
  const [part = 1, parts = 1] = values.part.split('/').map(Number)
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs)
  return await runCells({ seed: Number(values.seed ?? 1), only: values.only, pairs, part: [part, parts], print })
}

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

async function simulate(steps: number): Promise<boolean> {
  let told = 0
  print(`chaos: simulated LAN, seeds from ${seed} on, ${steps} steps`)
  const run = await runLong(seed, steps, (histories, ran) => {
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
