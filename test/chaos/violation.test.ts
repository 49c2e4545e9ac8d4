import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PlannedFault } from './support/plan.ts'
import { runChaos } from './support/run.ts'

/** That the run can fail: pairs that break a promise, for certain. */

const KILL: PlannedFault = { kind: 'kill', part: 'engine', box: 'web1', from: 100, to: 2_100 }

const run = (instance: Readonly<Record<string, unknown>>, seconds: number) =>
  runChaos({
    seed: 1,
    seconds,
    instance,
    plan: () => [KILL],
    directory: join(tmpdir(), `haup-chaos-violation-${process.pid}`),
    print: () => undefined,
  })

test('without the gate, a box whose engine was killed is a second holder, and the run says so', async () => {
  const { problems } = await run({ gate: 'off' }, 30)
  assert.match(problems.join('\n'), /two holders for \d{3,4} ms, bound 100 ms/)
})

test('with the gate, the same is no problem', async () => {
  const { problems, episodes } = await run({}, 1)
  assert.deepEqual(problems, [])
  assert.equal(episodes, 1)
})

test('without preemption web1 does not come back, and the run says that it has not settled', async () => {
  const { problems } = await run({ preempt: false }, 1)
  assert.match(problems.join('\n'), /not settled in \d+ ms: .*web1 as the only holder/)
})
