import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { getStatus, sendControl } from '../../src/control/client.ts'
import { startSteps } from '../../src/control/unit.ts'
import { EXIT } from '../../src/shared/errors.ts'
import { makeRunDir, startTestEngine } from './support/engine.ts'
import { aStatus } from './support/status.ts'

const NOT_RUNNING = { name: 'UserError', code: 'engine.not-running', exitCode: EXIT.notRunning }
const NOT_ANSWERING = { name: 'UserError', code: 'engine.not-answering', exitCode: EXIT.notAnswering }

const httpAnswer = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

test('no socket: the engine does not run, and what to do is said', async (t) => {
  const runDir = await makeRunDir(t)
  await assert.rejects(getStatus(runDir), NOT_RUNNING)
  await assert.rejects(sendControl(runDir, { kind: 'back', instances: [] }), NOT_RUNNING)
  await assert.rejects(getStatus(join(runDir, 'none')), {
    nextSteps: startSteps(),
  })
})

test('a file where the socket should be: the engine does not run', async (t) => {
  const runDir = await makeRunDir(t)
  await writeFile(join(runDir, 'status.sock'), '')
  await assert.rejects(getStatus(runDir), NOT_RUNNING)
})

test('a path that no socket can have: the engine does not run', async () => {
  await assert.rejects(getStatus(`/tmp/${'x'.repeat(120)}`), NOT_RUNNING)
})

test('without the right to connect, root and the group are named', async (t) => {
  const { runDir } = await startTestEngine(t)
  await chmod(runDir, 0o755)
  await chmod(join(runDir, 'status.sock'), 0)
  await chmod(join(runDir, 'control.sock'), 0)
  const asked = withoutRights(() => [getStatus(runDir), sendControl(runDir, { kind: 'back', instances: [] })] as const)
  const [status, control] = await Promise.allSettled(asked)
  assert.ok(status.status === 'rejected' && control.status === 'rejected')
  for (const { code, exitCode } of [status.reason, control.reason]) {
    assert.deepEqual([code, exitCode], ['engine.no-access', EXIT.usage])
  }
  assert.match(status.reason.nextSteps.join(), /sudo.*usermod -aG haup/)
  assert.doesNotMatch(control.reason.nextSteps.join(), /usermod/)
})

/** Connecting asks for the right at once, so it is enough to be somebody else until `ask` returns. */
function withoutRights<T>(ask: () => T): T {
  const uid = process.geteuid?.()
  if (uid === 0) process.seteuid?.(65_534)
  try {
    return ask()
  } finally {
    if (uid === 0) process.seteuid?.(0)
  }
}

test('an engine that hangs is given up after the time that was allowed', async (t) => {
  const runDir = await fakeEngine(t, () => undefined)
  await assert.rejects(getStatus(runDir, 50), { ...NOT_ANSWERING, message: /no answer within 0\.05 s/ })
})

test('what takes long is asked of an engine that answers, and of no other', async (t) => {
  const runDir = await fakeEngine(t, () => undefined, 'control.sock')
  await assert.rejects(sendControl(runDir, { kind: 'reload' }, 60_000, 50), {
    ...NOT_ANSWERING,
    message: /no answer within 0\.05 s/,
  })
})

test('an engine that hangs in the middle of its answer is given up too', async (t) => {
  const runDir = await fakeEngine(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{'))
  await assert.rejects(getStatus(runDir, 50), NOT_ANSWERING)
})

test('an engine that dies while it answers leaves no half status', async (t) => {
  const full = httpAnswer(JSON.stringify(aStatus()))
  const runDir = await fakeEngine(t, (socket) => socket.end(full.slice(0, -10)))
  await assert.rejects(getStatus(runDir), NOT_ANSWERING)
})

for (const [what, answer] of [
  ['nothing at all', ''],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['no JSON', httpAnswer('<html>')],
] as const) {
  test(`${what} is no answer`, async (t) => {
    const runDir = await fakeEngine(t, (socket) => socket.end(answer))
    await assert.rejects(getStatus(runDir), NOT_ANSWERING)
  })
}

test('an answer that does not end is not collected for ever', async (t) => {
  const runDir = await fakeEngine(t, (socket) => {
    const chunk = Buffer.alloc(65_536, 'x')
    const more = (): void => void (socket.writable && socket.write(chunk, more))
    more()
  })
  await assert.rejects(getStatus(runDir), { ...NOT_ANSWERING, message: /too long/ })
})

test('a status of another format asks for a restart after the upgrade', async (t) => {
  const runDir = await fakeEngine(t, (socket) => socket.end(httpAnswer(JSON.stringify({ ...aStatus(), format: 2 }))))
  await assert.rejects(getStatus(runDir), { code: 'engine.other-version', exitCode: EXIT.notRunning })
})

/** Something that listens in the engine's place and is not one. */
async function fakeEngine(t: TestContext, onAsked: (socket: Socket) => void, name = 'status.sock'): Promise<string> {
  const runDir = await makeRunDir(t)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => onAsked(socket))
  })
  server.listen(join(runDir, name))
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return runDir
}
