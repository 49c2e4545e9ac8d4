import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { getStatus, sendControl } from '../../src/control/client.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { configure } from './support/config.ts'
import { entered, logged } from './support/pair.ts'

const HELD = { format: 1, holds: [{ instance: 'www', since: '2026-03-01T12:00:00.000Z', ends: null }] }

test('--back while the engine still reads what an earlier life has left takes that back', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: [] })
  const web1 = lab.box('web1')
  await configure(lab)
  // The engine waits for whoever writes into it.
  const file = join(web1.runDir, 'holds.json')
  await runOrThrow(['mkfifo', file])
  const { log } = web1.startEngine()
  await log.until(logged('engine.start'))
  const back = sendControl(web1.runDir, { kind: 'back', instances: ['www'] })
  await getStatus(web1.runDir)
  await writeFile(file, JSON.stringify(HELD))
  const answer = await back
  assert.ok(answer.ok && 'outcomes' in answer)
  assert.equal(answer.outcomes[0]?.outcome, 'back')
  await log.until(entered('MASTER'))
})
