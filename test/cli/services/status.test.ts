import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf, readStatus } from '../../../src/cli/services/status.ts'
import type { InstanceStatus } from '../../../src/control/messages.ts'
import { startTestEngine } from '../../control/support/engine.ts'
import { anInstance, aService, aStatus } from '../../control/support/status.ts'

const unable = { node: 'web2', readiness: 'unable', why: 'its engine has died' } as const
const backup = { state: 'BACKUP', holder: 'web2', gate: null } as const

const ROWS: readonly (readonly [string, readonly Partial<InstanceStatus>[], number])[] = [
  ['no instance', [], 0],
  ['master and backup', [{}, backup], 0],
  ['one that starts', [{ state: 'INIT', holder: null, gate: null, since_seconds: 2 }], 0],
  ['a backup that will claim in a moment', [{ ...backup, holder: null, since_seconds: 3 }], 0],
  ['a backup that knows of no holder for long', [{ ...backup, holder: null, since_seconds: 60 }], 3],
  ['a fault, served elsewhere', [{}, { ...backup, state: 'FAULT' }], 3],
  ['a master whose backup is dead', [{ candidates: [unable] }], 6],
  ['one of two candidates left', [{ candidates: [unable, { ...unable, readiness: 'serves', why: '' }] }], 0],
  ['a candidate in standby', [{ candidates: [{ ...unable, readiness: 'standby' }] }], 0],
  ['of a keepalived nothing is known', [{ candidates: [{ ...unable, readiness: 'unknown' }] }], 0],
  ['no other node is configured', [{ candidates: [] }], 0],
  ['a closed gate', [{ gate: 'closed' }], 7],
  ['an address that is not fenced', [{ gate: 'off' }], 0],
  ['the worst counts', [{ candidates: [unable] }, { ...backup, state: 'FAULT' }, { gate: 'closed' }], 7],
  ['a fault is worse than no redundancy', [{ candidates: [unable] }, { ...backup, state: 'FAULT' }], 3],
]

for (const [name, changes, exitCode] of ROWS)
  test(`${name}: exit code ${exitCode}`, () => {
    assert.equal(exitCodeOf(aStatus({ instances: changes.map(anInstance) })), exitCode)
  })

for (const [state, exitCode] of [
  ['HEALTHY', 0],
  ['FAILING', 0],
  ['UNKNOWN', 0],
  ['TESTING', 3],
  ['RESTARTING', 3],
  ['VERIFYING', 3],
  ['FAILED', 3],
] as const)
  test(`a service that is ${state} where the address is: exit code ${exitCode}`, () => {
    const services = [aService({ state }), aService({ name: 'other', state: 'FAILED' })]
    assert.equal(exitCodeOf(aStatus({ instances: [anInstance()], services })), exitCode)
    const elsewhere = anInstance({ ...backup, tracks: ['nginx'] })
    assert.equal(
      exitCodeOf(aStatus({ instances: [elsewhere], services })),
      0,
      'the backup’s is the matter of its state',
    )
  })

test('the last one that could, with a fault of its own', () => {
  assert.equal(exitCodeOf(aStatus({ instances: [anInstance({ faults: ['nginx: refused'] })] })), 3)
})

test('what the engine says is passed on, with its exit code', async (t) => {
  const instances = [anInstance({ state: 'FAULT' })]
  const { runDir } = await startTestEngine(t, { getStatus: () => aStatus({ instances }) })
  const answer = await readStatus(runDir)
  assert.equal(answer.exitCode, 3)
  assert.deepEqual(answer.status.instances, instances)
})
