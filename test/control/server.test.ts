import assert from 'node:assert/strict'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { getStatus, sendControl } from '../../src/control/client.ts'
import type { ControlRequest } from '../../src/control/messages.ts'
import { sendRaw, startTestEngine } from './support/engine.ts'
import { aStatus } from './support/status.ts'

test('the status arrives as the engine gave it', async (t) => {
  const { runDir } = await startTestEngine(t)
  assert.deepEqual(await getStatus(runDir), aStatus())
})

test('each question gets a new answer', async (t) => {
  let uptime = 0
  const { runDir } = await startTestEngine(t, { getStatus: () => aStatus({ uptime_seconds: ++uptime }) })
  assert.equal((await getStatus(runDir)).uptime_seconds, 1)
  assert.equal((await getStatus(runDir)).uptime_seconds, 2)
})

test('a control request reaches the engine and its answer comes back', async (t) => {
  const seen: ControlRequest[] = []
  const response = { ok: false, code: 'instance.unknown', message: 'no', next_steps: ['try www'] } as const
  const { runDir } = await startTestEngine(t, {
    handle: async (request) => {
      seen.push(request)
      return response
    },
  })
  const request = { kind: 'failover', instances: ['www'], hold_ms: 1_000 } as const
  assert.deepEqual(await sendControl(runDir, request), response)
  assert.deepEqual(seen, [request])
})

test('the status is on both sockets, control on one', async (t) => {
  const { runDir } = await startTestEngine(t)
  const get = 'GET /v1/status HTTP/1.1\r\nHost: haup\r\n\r\n'
  const post = 'POST /v1/control HTTP/1.1\r\nHost: haup\r\nContent-Length: 31\r\n\r\n{"kind":"back","instances":[]} '
  assert.match(await sendRaw(join(runDir, 'control.sock'), get), /^HTTP\/1\.1 200 /)
  assert.match(await sendRaw(join(runDir, 'control.sock'), post), /^HTTP\/1\.1 200 /)
  assert.match(await sendRaw(join(runDir, 'status.sock'), post), /^HTTP\/1\.1 403 .*control\.read-only/s)
})

test('the sockets are for root, the status also for the group haup where there is one', async (t) => {
  const { runDir } = await startTestEngine(t)
  const group = (await readFile('/etc/group', 'utf8')).split('\n').find((line) => line.startsWith('haup:'))
  const control = await lstat(join(runDir, 'control.sock'))
  const status = await lstat(join(runDir, 'status.sock'))
  assert.equal((control.mode & 0o777).toString(8), '600')
  assert.equal((status.mode & 0o777).toString(8), group === undefined ? '600' : '660')
  if (group !== undefined) assert.equal(status.gid, Number(group.split(':')[2]))
})

test('an engine that fails to answer says so and goes on', async (t) => {
  let broken = true
  const { runDir, logged } = await startTestEngine(t, {
    getStatus: () => {
      if (broken) throw new Error('a bug')
      return aStatus()
    },
  })
  await assert.rejects(getStatus(runDir), { code: 'engine.not-answering', exitCode: 8 })
  assert.match(logged[0]?.message ?? '', /a bug/)
  broken = false
  assert.equal((await getStatus(runDir)).node, 'web1')
})

test('many ask at the same time', async (t) => {
  const { runDir } = await startTestEngine(t)
  const answers = await Promise.all(Array.from({ length: 25 }, () => getStatus(runDir)))
  assert.deepEqual(new Set(answers.map(({ node }) => node)), new Set(['web1']))
})

test('closing takes the sockets away and ends what is open', async (t) => {
  const asked = Promise.withResolvers<void>()
  const { runDir, stop } = await startTestEngine(t, {
    handle: () => {
      asked.resolve()
      return new Promise(() => undefined)
    },
  })
  const waiting = assert.rejects(sendControl(runDir, { kind: 'back', instances: [] }), { code: 'engine.not-answering' })
  await asked.promise
  await stop()
  await waiting
  assert.deepEqual(await readdir(runDir), [])
})
