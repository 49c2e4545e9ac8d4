import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { runProbe } from '../../src/probes/run.ts'
import { fromMillis, toMillis } from '../../src/shared/units.ts'
import { freePort, listen, probe } from './support/io.ts'

test('an accepted connection is good, and closed again', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  const closed = once(server, 'connection').then(([socket]) => once(socket.resume(), 'close'))
  const result = await probe({ kind: 'tcp', host: '127.0.0.1', port })
  assert.equal(result.ok, true)
  assert.equal(result.probe, `tcp 127.0.0.1:${port}`)
  assert.match(result.detail, /^connected in [\d.]+m?s$/)
  await closed
})

test('a closed port refuses', async () => {
  const result = await probe({ kind: 'tcp', host: '127.0.0.1', port: await freePort() })
  assert.deepEqual([result.ok, result.detail], [false, 'connection refused'])
})

test('a name with several addresses gives one reason', async () => {
  const result = await probe({ kind: 'tcp', host: 'localhost', port: await freePort() })
  assert.deepEqual([result.ok, result.detail], [false, 'connection refused'])
})

test('an address that no route leads to is unreachable', async () => {
  const result = await probe({ kind: 'tcp', host: '255.255.255.255', port: 80 })
  assert.deepEqual([result.ok, result.detail], [false, 'network unreachable'])
})

test('a name that does not exist', async () => {
  const result = await probe({ kind: 'tcp', host: 'nothing.invalid', port: 80 })
  assert.equal(result.ok, false)
  assert.match(result.detail, /^the name nothing\.invalid cannot be looked up: /)
})

test('a full accept queue answers nothing: time is up', async (t) => {
  const port = await crowdedServer(t)
  const result = await probe({ kind: 'tcp', host: '127.0.0.1', port }, 150)
  assert.deepEqual([result.ok, result.detail], [false, 'no connection within 150ms'])
  assert.ok(toMillis(result.took) >= 145 && toMillis(result.took) < 1_000)
})

test('the caller can stop it', async () => {
  const stop = new AbortController()
  stop.abort()
  const result = await runProbe({ kind: 'tcp', host: '127.0.0.1', port: 9 }, fromMillis(1_000), stop.signal)
  assert.deepEqual([result.ok, result.detail], [false, 'stopped'])
})

/** A stopped process with room for two connections, both of them taken. */
async function crowdedServer(t: TestContext): Promise<number> {
  const listening = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => console.log(s.address().port))`
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  const port = Number(String(line))
  for (const _ of [1, 2]) {
    const taken = connect(port, '127.0.0.1').on('error', () => undefined)
    t.after(() => taken.destroy())
    await once(taken, 'connect')
  }
  return port
}
