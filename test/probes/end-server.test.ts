import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { endServer } from '../../src/probes/end-server.ts'
import { restartServer } from '../../src/probes/restart.ts'
import { http, probe } from './support/io.ts'
import { nginxBox } from './support/nginx.ts'
import { gone } from './support/processes.ts'

const QUICK = { termMs: 300, killMs: 2_000 }
const bare = { systemdMark: '/nonexistent' }

test('a running server ends gracefully, all of it', async (t) => {
  const box = await nginxBox(t)
  await box.start()
  assert.equal((await box.processes()).length, 3, 'master and two workers')
  const begin = performance.now()
  assert.deepEqual(await endServer(box.pidFile, '/usr/sbin/nginx'), { ok: true, value: undefined })
  assert.ok(performance.now() - begin < 1_500, 'SIGTERM was enough')
  assert.deepEqual(await box.processes(), [])
})

test('a stopped server ends, too, and another one takes its port', async (t) => {
  const box = await nginxBox(t)
  await box.start()
  const old = await box.master()
  for (const entry of await box.processes()) process.kill(entry.pid, 'SIGSTOP')
  const outcome = await restartServer({ kind: 'command', argv: box.argv, pidFile: box.pidFile }, bare)
  assert.equal(outcome.ok, true, outcome.line)
  await gone(old)
  assert.notEqual(await box.master(), old)
  assert.equal((await probe(http(box.url))).ok, true)
})

test('without the pid file the old one keeps the port, and nginx says so', async (t) => {
  const box = await nginxBox(t)
  await box.start()
  const outcome = await restartServer({ kind: 'command', argv: box.argv, pidFile: undefined }, bare)
  assert.equal(outcome.ok, false)
  assert.match(outcome.line, /\[emerg\] .*bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\)/)
})

test('workers that outlived their master are found by its session', async (t) => {
  const box = await nginxBox(t)
  await box.start()
  const master = await box.master()
  process.kill(master, 'SIGKILL')
  await gone(master)
  assert.equal((await box.processes()).length, 2, 'the workers hold the port')
  assert.equal((await endServer(box.pidFile, 'nginx', QUICK)).ok, true)
  assert.deepEqual(await box.processes(), [])
  assert.equal(existsSync(box.pidFile), false, 'a stale pid file would tell apache that it runs')
})

test('a process of another name is left alone, whatever the pid file says', async (t) => {
  const box = await nginxBox(t)
  writeFileSync(box.pidFile, String(process.pid))
  assert.equal((await endServer(box.pidFile, 'nginx', QUICK)).ok, true)
  assert.equal(readFileSync(box.pidFile, 'utf8'), String(process.pid), 'and this process can say so')
})

test('nothing to end is no failure', async (t) => {
  const box = await nginxBox(t)
  assert.equal((await endServer(box.pidFile, 'nginx')).ok, true)
  writeFileSync(box.pidFile, 'garbage')
  assert.equal((await endServer(box.pidFile, 'nginx')).ok, true)
})
