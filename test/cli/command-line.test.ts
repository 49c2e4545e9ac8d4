import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { makeRunDir, startTestEngine } from '../control/support/engine.ts'
import { anInstance, aStatus } from '../control/support/status.ts'
import { HAUP, runHaup } from './support/run.ts'

test('status: lines on stdout, nothing on stderr, exit code 0', async (t) => {
  const { runDir } = await startTestEngine(t)
  const ran = await runHaup(['status', '--run-dir', runDir])
  assert.deepEqual([ran.code, ran.stderr], [0, ''])
  assert.match(ran.stdout, /^www: held by web1 .*\nweb1 of shop: /)
  assert.match(ran.stdout, /\nwww {2}MASTER {2}since /)
  assert.ok(!ran.stdout.includes('\u001b'), 'no colour without a terminal')
})

test('status --json is the status itself', async (t) => {
  const { runDir } = await startTestEngine(t)
  const ran = await runHaup(['status', '--json', '--run-dir', runDir])
  assert.deepEqual([ran.code, ran.stderr], [0, ''])
  assert.deepEqual(JSON.parse(ran.stdout), aStatus())
})

test('status of a node in FAULT exits with 3, in words and as JSON', async (t) => {
  const { runDir } = await startTestEngine(t, {
    getStatus: () => aStatus({ instances: [anInstance({ state: 'FAULT' })] }),
  })
  assert.equal((await runHaup(['status', '--run-dir', runDir])).code, 3)
  assert.equal((await runHaup(['status', '--json', '--run-dir', runDir])).code, 3)
})

for (const argv of [['status'], ['failover'], ['failover', 'www', '--back']]) {
  test(`${argv.join(' ')} without an engine: exit code 4, never a state`, async (t) => {
    const runDir = await makeRunDir(t)
    const ran = await runHaup([...argv, '--run-dir', runDir])
    assert.deepEqual([ran.code, ran.stdout], [4, ''])
    assert.match(ran.stderr, /^error: no engine runs here: .*\n(→ .*systemctl start haup\n)?→ .*haup up\n$/)
    const json = await runHaup([...argv, '--json', '--run-dir', runDir])
    assert.deepEqual([json.code, json.stderr], [4, ''])
    assert.partialDeepStrictEqual(JSON.parse(json.stdout), { error: { code: 'engine.not-running' } })
  })
}

test('a wrong flag exits with 2 and points to the help', async () => {
  const ran = await runHaup(['status', '--jsonn'])
  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.equal(ran.stderr, 'error: Nonexistent flag: --jsonn\n→ haup status --help\n')
  const json = await runHaup(['status', '--json', '--nope'])
  assert.equal(json.code, 2)
  assert.deepEqual(JSON.parse(json.stdout), {
    error: { code: 'usage', message: 'Nonexistent flag: --nope', next_steps: ['haup status --help'] },
  })
})

test('a command that does not exist exits with 2', async () => {
  const ran = await runHaup(['statsu'])
  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.match(ran.stderr, /statsu not found/)
})

test('failover: the sentence of the engine, and 3 when nobody took over', async (t) => {
  const { runDir } = await startTestEngine(t, {
    handle: async (request) => ({
      ok: true,
      outcomes: ('instances' in request ? request.instances : []).map((instance) => ({
        ...{ instance, outcome: instance === 'www' ? 'taken-over' : 'nobody', message: `told of ${instance}` },
        ...{ new_master: null, node: null, took_ms: null },
      })),
    }),
  })
  const good = await runHaup(['failover', 'www', '--hold', '10m', '--run-dir', runDir])
  assert.deepEqual(good, { code: 0, stdout: 'www: told of www\n', stderr: '' })
  const bad = await runHaup(['failover', 'www', 'mail', '--run-dir', runDir, '--json'])
  assert.equal(bad.code, 3)
  const { outcomes } = JSON.parse(bad.stdout)
  assert.deepEqual(
    outcomes.map(({ outcome }: { outcome: string }) => outcome),
    ['taken-over', 'nobody'],
  )
})

test('probe: exit code 3 when one is bad, and what it was', async () => {
  const ran = await runHaup(['probe', '--tcp', '127.0.0.1:1'])
  assert.deepEqual([ran.code, ran.stderr], [3, ''])
  assert.match(ran.stdout, /^FAILED .* tcp 127\.0\.0\.1:1: .*refused/)
  const json = await runHaup(['probe', '--tcp', '127.0.0.1:1', '--json'])
  assert.equal(json.code, 3)
  assert.partialDeepStrictEqual(JSON.parse(json.stdout), { ok: false, rounds: [{ service: null }] })
})

test('probe with a configuration that is not there: exit code 2, the file is named', async () => {
  const ran = await runHaup(['probe', '--config', '/nowhere/haup.yaml'])
  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.match(ran.stderr, /^error: \/nowhere\/haup\.yaml cannot be used/)
})

test('help and version work without the engine', async () => {
  const help = await runHaup(['--help'])
  assert.equal(help.code, 0)
  assert.match(help.stdout, /\n {2}status +Show who holds/)
  const version = await runHaup(['--version'])
  assert.match(version.stdout, /^haup\/\d+\.\d+\.\d+ linux-/)
})

test('a reader that goes away is no failure', async (t) => {
  const { runDir } = await startTestEngine(t)
  const child = spawn(HAUP, ['status', '--run-dir', runDir], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  assert.deepEqual([code, stderr], [0, ''])
})
