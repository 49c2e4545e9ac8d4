import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { getStatus, sendControl } from '../../src/control/client.ts'
import { sendRaw, startTestEngine } from './support/engine.ts'

/** What callers may do wrong or with intent: each gets a JSON answer or the end of the connection, the next is served. */

const post = (body: string, length = Buffer.byteLength(body)): string =>
  `POST /v1/control HTTP/1.1\r\nHost: haup\r\nContent-Length: ${length}\r\n\r\n${body}`

const CASES: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
  ['another path', 'GET / HTTP/1.1\r\nHost: haup\r\n\r\n', 404, 'control.no-such-path'],
  ['a path that climbs', 'GET /v1/../v1/status HTTP/1.1\r\nHost: haup\r\n\r\n', 404, 'control.no-such-path'],
  ['a query', 'GET /v1/status?x=1 HTTP/1.1\r\nHost: haup\r\n\r\n', 404, 'control.no-such-path'],
  ['another method', 'DELETE /v1/status HTTP/1.1\r\nHost: haup\r\n\r\n', 405, 'control.method'],
  ['GET of control', 'GET /v1/control HTTP/1.1\r\nHost: haup\r\n\r\n', 405, 'control.method'],
  ['no JSON', post('failover!'), 400, 'control.bad-request'],
  ['JSON that is no request', post('[1,2]'), 400, 'control.bad-request'],
  ['an empty body', post(''), 400, 'control.bad-request'],
  ['a body announced as too long', post('{}', 65_537), 413, 'control.bad-request'],
  ['no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', 400, 'control.bad-request'],
  [
    'two lengths',
    'POST /v1/control HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
    400,
    'control.bad-request',
  ],
  [
    'a head that is too long',
    `GET /v1/status HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    400,
    'control.bad-request',
  ],
]

for (const [what, bytes, status, code] of CASES) {
  test(`${what}: ${status} in JSON, and the next one is served`, async (t) => {
    const { runDir } = await startTestEngine(t, { handle: async () => assert.fail('the engine was asked') })
    const answer = await sendRaw(join(runDir, 'control.sock'), bytes)
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
    assert.partialDeepStrictEqual(body, { ok: false, code, next_steps: [] })
    assert.equal((await getStatus(runDir)).node, 'web1')
  })
}

test('a body that grows too long on the way is refused', async (t) => {
  const { runDir } = await startTestEngine(t, { handle: async () => assert.fail('the engine was asked') })
  const chunk = `${(16_384).toString(16)}\r\n${' '.repeat(16_384)}\r\n`
  const head = 'POST /v1/control HTTP/1.1\r\nHost: haup\r\nTransfer-Encoding: chunked\r\n\r\n'
  assert.match(await sendRaw(join(runDir, 'control.sock'), `${head}${chunk.repeat(5)}0\r\n\r\n`), /^HTTP\/1\.1 413 /)
})

test('the longest body that is allowed is read', async (t) => {
  const { runDir } = await startTestEngine(t)
  const body = '{"kind":"back","instances":[]}'.padEnd(65_536)
  assert.match(await sendRaw(join(runDir, 'control.sock'), post(body)), /^HTTP\/1\.1 200 /)
})

test('one connection serves one request', async (t) => {
  let asked = 0
  const { runDir } = await startTestEngine(t, {
    handle: async () => {
      asked++
      return { ok: true, outcomes: [] }
    },
  })
  const one = post('{"kind":"back","instances":[]}')
  await sendRaw(join(runDir, 'control.sock'), one.repeat(3))
  assert.equal(asked, 1)
})

test('whoever connects and says nothing, or never comes to an end, is let go; others are served again', async (t) => {
  const { runDir } = await startTestEngine(t)
  const path = join(runDir, 'status.sock')
  const silent = Array.from({ length: 40 }, (_, index) => {
    const socket = connect(path)
    socket.on('error', () => undefined)
    if (index % 2 === 0) socket.write('GET /v1/status HTTP/1.1\r\nX: ')
    return new Promise((resolve) => socket.resume().on('close', resolve))
  })
  await Promise.all(silent)
  assert.equal((await getStatus(runDir)).node, 'web1')
})

test('however many connect and stay silent, who asks is answered at once', async (t) => {
  const { runDir } = await startTestEngine(t)
  const silent = ['status.sock', 'control.sock'].flatMap((name) =>
    Array.from({ length: 200 }, () => connect(join(runDir, name)).on('error', () => undefined)),
  )
  t.after(() => silent.forEach((socket) => void socket.destroy()))
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  assert.equal((await getStatus(runDir, 1_000)).node, 'web1')
  assert.equal((await sendControl(runDir, { kind: 'reload' }, 1_000, 1_000)).ok, true)
})

test('who waits for what the engine does is not sent away for those who come later', async (t) => {
  const asked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const handle = async () => {
    asked.resolve()
    await done.promise
    return { ok: true, changes: [] } as const
  }
  const { runDir } = await startTestEngine(t, { handle })
  const answer = sendControl(runDir, { kind: 'reload' })
  await asked.promise
  const later = Array.from({ length: 200 }, () => connect(join(runDir, 'control.sock')).on('error', () => undefined))
  t.after(() => later.forEach((socket) => void socket.destroy()))
  await Promise.all(later.map((socket) => once(socket, 'connect')))
  await getStatus(runDir)
  done.resolve()
  assert.equal((await answer).ok, true)
})

test('a body that never comes is given up', async (t) => {
  const { runDir } = await startTestEngine(t)
  const answer = await sendRaw(join(runDir, 'control.sock'), post('{', 100))
  assert.match(answer, /^HTTP\/1\.1 4\d\d /)
})
