import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { requestFailover } from '../../../src/cli/services/failover.ts'
import { requestResume, requestStandby } from '../../../src/cli/services/standby.ts'
import type { ControlRequest, ControlResponse, FailoverOutcome } from '../../../src/control/messages.ts'
import { startTestEngine } from '../../control/support/engine.ts'

const outcome = (kind: FailoverOutcome['outcome']): FailoverOutcome => ({
  instance: 'www',
  outcome: kind,
  new_master: null,
  node: null,
  took_ms: null,
  message: kind,
})

/** An engine that answers with `response` and remembers what it was asked. */
async function engineThatSays(t: TestContext, response: ControlResponse) {
  const seen: ControlRequest[] = []
  const { runDir } = await startTestEngine(t, {
    handle: async (request) => {
      seen.push(request)
      return response
    },
  })
  return { seen, ask: { runDir, instances: ['www'], hold: undefined, back: false, to: undefined, force: false } }
}

test('without --hold the node stays away until --back', async (t) => {
  const { seen, ask } = await engineThatSays(t, { ok: true, outcomes: [outcome('taken-over')] })
  assert.equal((await requestFailover(ask)).exitCode, 0)
  assert.deepEqual(seen, [{ kind: 'failover', instances: ['www'], hold_ms: null }])
})

test('a hold is sent in milliseconds, --back as what it is', async (t) => {
  const { seen, ask } = await engineThatSays(t, { ok: true, outcomes: [] })
  await requestFailover({ ...ask, hold: '10m' })
  await requestFailover({ ...ask, hold: '1500us' })
  await requestFailover({ ...ask, back: true })
  assert.deepEqual(seen, [
    { kind: 'failover', instances: ['www'], hold_ms: 600_000 },
    { kind: 'failover', instances: ['www'], hold_ms: 2 },
    { kind: 'back', instances: ['www'] },
  ])
})

test('the node that is to take over is named, and what is forced is asked for', async (t) => {
  const { seen, ask } = await engineThatSays(t, { ok: true, outcomes: [] })
  await requestFailover({ ...ask, to: 'web2' })
  assert.deepEqual(seen, [{ kind: 'failover', instances: ['www'], hold_ms: null, to: 'web2' }])
  await requestFailover({ ...ask, force: true })
  assert.deepEqual(seen[1], { kind: 'failover', instances: ['www'], hold_ms: null, force: true })
  await assert.rejects(requestFailover({ ...ask, to: 'web 2' }), { code: 'usage', exitCode: 2 })
})

test('standby and resume', async (t) => {
  const { seen, ask } = await engineThatSays(t, { ok: true, outcomes: [outcome('stands-by'), outcome('taken-over')] })
  const plain = { runDir: ask.runDir, hold: undefined, strict: false, force: false }
  assert.equal((await requestStandby({ ...plain, hold: '30m' })).exitCode, 0)
  await requestStandby(plain)
  await requestStandby({ ...plain, strict: true, force: true })
  await requestResume(ask.runDir)
  assert.deepEqual(seen, [
    { kind: 'standby', hold_ms: 1_800_000 },
    { kind: 'standby', hold_ms: null },
    { kind: 'standby', hold_ms: null, strict: true, force: true },
    { kind: 'resume' },
  ])
  await assert.rejects(requestStandby({ ...plain, hold: '10' }), { code: 'usage', exitCode: 2 })
})

for (const [kinds, exitCode] of [
  [['taken-over'], 0],
  [['taken-over', 'taken-over'], 0],
  [['taken-over', 'nobody'], 3],
  [['taken-over', 'not-master'], 3],
  [['nobody'], 3],
  [['not-master'], 3],
  [['elsewhere'], 3],
  [['stands-by'], 0],
  [['back', 'not-held'], 0],
] as const) {
  test(`${kinds.join(' and ')}: exit code ${exitCode}`, async (t) => {
    const { ask } = await engineThatSays(t, { ok: true, outcomes: kinds.map(outcome) })
    assert.equal((await requestFailover(ask)).exitCode, exitCode)
  })
}

test('a refusal of the engine is told with its next steps', async (t) => {
  const { ask } = await engineThatSays(t, {
    ok: false,
    code: 'instance.unknown',
    message: 'no www',
    next_steps: ['mail'],
  })
  await assert.rejects(requestFailover(ask), {
    code: 'instance.unknown',
    message: 'no www',
    nextSteps: ['mail'],
    exitCode: 3,
  })
})

test('what cannot be asked is not sent', async (t) => {
  const { seen, ask } = await engineThatSays(t, { ok: true, outcomes: [] })
  for (const hold of ['10', '0s', '31d', '721h', '-1s', 'soon']) {
    await assert.rejects(requestFailover({ ...ask, hold }), { code: 'usage', exitCode: 2 }, hold)
  }
  await assert.rejects(requestFailover({ ...ask, instances: ['../x'] }), { code: 'usage', exitCode: 2 })
  assert.deepEqual(seen, [])
})
