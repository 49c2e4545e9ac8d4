import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStatus } from '../../../src/cli/services/status.ts'
import type { InstanceState } from '../../../src/control/messages.ts'
import { startTestEngine } from '../../control/support/engine.ts'
import { anInstance, aStatus } from '../../control/support/status.ts'

for (const [states, exitCode] of [
  [['MASTER', 'BACKUP'], 0],
  [['INIT'], 0],
  [[], 0],
  [['MASTER', 'FAULT'], 3],
] as const satisfies readonly (readonly [readonly InstanceState[], number])[]) {
  test(`instances in ${states.join(', ') || 'no state'}: exit code ${exitCode}`, async (t) => {
    const instances = states.map((state) => anInstance({ state }))
    const { runDir } = await startTestEngine(t, { getStatus: () => aStatus({ instances }) })
    const answer = await readStatus(runDir)
    assert.equal(answer.exitCode, exitCode)
    assert.deepEqual(answer.status.instances, instances)
  })
}
