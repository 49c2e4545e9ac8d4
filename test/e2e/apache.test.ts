import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runProgram } from '../../src/lab/run.ts'

test('a lab with apache: what a box does wrong reaches the client, a graceful reload does not', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['client'], server: 'apache' })
  const { server, host } = lab.box('web1')
  const client = lab.startClient(host.address)
  for (const [fault, cure] of [
    [server.answer500, server.answerNormally],
    [() => server.signal('SIGSTOP'), () => server.signal('SIGCONT')],
    [() => server.signal('SIGKILL'), server.start],
  ] as const) {
    await client.servedBy('web1', monotonicMs())
    await fault()
    await client.lost(monotonicMs())
    await cure()
  }
  await client.servedBy('web1', monotonicMs())
  const main = await server.pid()
  const from = monotonicMs()
  await server.reload()
  await client.servedBy('web1', monotonicMs())
  assert.ok((await client.viewSince(from)).outageMs < 200)
  assert.equal(await server.pid(), main)
  assert.equal((await runProgram(server.testArgv)).code, 0)
  await server.breakConfig()
  const refused = await runProgram(server.testArgv)
  assert.match(`${refused.code} ${refused.stderr}`, /^1 .*Invalid command 'Lisen'/s)
  assert.throws(() => lab.box('web1').nginx, /web1 has apache/)
})
