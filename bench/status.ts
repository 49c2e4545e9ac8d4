import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startControlServer } from '../src/control/server.ts'
import { aStatus } from '../test/control/support/status.ts'

/**
 * How long `haup status` takes as a whole process, against the same Node doing nothing. The two run in turn, so that
 * a machine that grows slower slows both; what counts is the ratio of the medians. `node bench/status.ts [PAIRS]`.
 */

const GOAL = 2.5
const pairs = Number(process.argv[2] ?? 40)
const node = process.execPath
const cli = join(import.meta.dirname, '..', 'bin', 'haup.js')

const runDir = await mkdtemp(join(tmpdir(), 'haup-bench-'))
const server = await startControlServer({
  runDir,
  getStatus: () => aStatus(),
  handle: async () => ({ ok: true, outcomes: [] }),
  log: () => undefined,
})
try {
  await measure()
} finally {
  await server.close()
  await rm(runDir, { recursive: true })
}

async function measure(): Promise<void> {
  const status: number[] = []
  const nothing: number[] = []
  await time([cli, 'status', '--run-dir', runDir])
  for (let pair = 0; pair < pairs; pair++) {
    nothing.push(await time(['-e', '0']))
    status.push(await time([cli, 'status', '--run-dir', runDir]))
  }
  const ratio = median(status) / median(nothing)
  const ms = (values: readonly number[]): string => `${median(values).toFixed(1)} ms`
  process.stdout.write(
    `haup status ${ms(status)}, node -e 0 ${ms(nothing)}: ratio ${ratio.toFixed(2)} (goal ${GOAL})\n`,
  )
  process.exitCode = ratio <= GOAL ? 0 : 1
}

/** Milliseconds from the start to the exit. The server lives in this process: it must not be blocked meanwhile. */
async function time(argv: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(node, argv, { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`node ${argv.join(' ')} exited with ${code}`)
  return performance.now() - start
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
