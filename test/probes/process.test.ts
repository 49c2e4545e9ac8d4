import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { directory, probe } from './support/io.ts'
import { becomes } from './support/processes.ts'

test('a running process is good', async (t) => {
  const pidFile = await pidFileWith(t, ` ${process.pid}\n`)
  const result = await probe({ kind: 'process', pidFile })
  assert.equal(result.ok, true)
  assert.match(result.detail, new RegExp(`^process ${process.pid} \\(.+\\) runs$`))
  assert.equal(result.probe, `process ${pidFile}`)
})

test('a pid file that is missing, or garbage, or no file', async (t) => {
  const dir = await directory(t)
  const detail = async (pidFile: string) => (await probe({ kind: 'process', pidFile })).detail
  assert.equal(await detail(join(dir, 'none')), `there is no pid file ${join(dir, 'none')}`)
  for (const garbage of ['', 'nginx', '0', '-5', '12 13', '99999999999', '1'.repeat(100)]) {
    const pidFile = await pidFileWith(t, garbage)
    assert.equal(await detail(pidFile), `${pidFile} does not hold a process number`, garbage)
  }
  assert.match(await detail(dir), /^pid file .*EISDIR/)
})

test('a FIFO in its place is not waited for', async (t) => {
  const fifo = join(await directory(t), 'fifo')
  execFileSync('mkfifo', [fifo])
  assert.equal((await probe({ kind: 'process', pidFile: fifo })).ok, false)
})

test('a process that is gone leaves a stale file', async (t) => {
  const child = spawn('true')
  await once(child, 'exit')
  const pidFile = await pidFileWith(t, String(child.pid))
  assert.equal((await probe({ kind: 'process', pidFile })).detail, `process ${child.pid} is gone, ${pidFile} is stale`)
})

test('a zombie and a stopped process are bad', async (t) => {
  const parent = spawn('python3', [
    '-c',
    'import os,sys; p=os.fork() or os._exit(0); print(p,flush=True); sys.stdin.read()',
  ])
  t.after(() => parent.kill('SIGKILL'))
  const [pid] = await once(parent.stdout, 'data')
  await becomes(Number(pid), (entry) => entry?.state === 'Z')
  const zombie = await probe({ kind: 'process', pidFile: await pidFileWith(t, String(pid)) })
  assert.match(zombie.detail, /^process \d+ \(python3\) has ended and is a zombie$/)
  parent.kill('SIGSTOP')
  await becomes(parent.pid ?? 0, (entry) => entry?.state === 'T')
  const stopped = await probe({ kind: 'process', pidFile: await pidFileWith(t, String(parent.pid)) })
  assert.match(stopped.detail, /^process \d+ \(python3\) is stopped$/)
})

async function pidFileWith(t: TestContext, content: string): Promise<string> {
  const path = join(await directory(t), 'server.pid')
  writeFileSync(path, content)
  return path
}
