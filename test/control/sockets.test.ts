import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { getStatus } from '../../src/control/client.ts'
import { makeRunDir, startTestEngine } from './support/engine.ts'

test('a directory that is missing is made for everybody to enter and root to change', async (t) => {
  const runDir = join(await makeRunDir(t), 'deep', 'run')
  const umask = process.umask(0o077)
  t.after(() => process.umask(umask))
  await startTestEngine(t, { runDir })
  assert.equal(((await lstat(runDir)).mode & 0o777).toString(8), '755')
})

test('a second engine on the same directory is refused and the first is not disturbed', async (t) => {
  const { runDir } = await startTestEngine(t)
  await assert.rejects(startTestEngine(t, { runDir }), { code: 'engine.already-running', exitCode: 5 })
  assert.equal((await getStatus(runDir)).node, 'web1')
})

test('the sockets of an engine that was killed are replaced', async (t) => {
  const runDir = await makeRunDir(t)
  await leaveSockets(runDir)
  assert.ok((await lstat(join(runDir, 'control.sock'))).isSocket(), 'the dead engine left its socket')
  await assert.rejects(getStatus(runDir), { code: 'engine.not-running' })
  await startTestEngine(t, { runDir })
  assert.equal((await getStatus(runDir)).node, 'web1')
})

test('a file in the place of a socket is not removed', async (t) => {
  const runDir = await makeRunDir(t)
  await writeFile(join(runDir, 'status.sock'), 'precious')
  await assert.rejects(startTestEngine(t, { runDir }), { code: 'engine.run-dir', exitCode: 5 })
  assert.ok((await lstat(join(runDir, 'status.sock'))).isFile())
})

test('after a refusal nothing is left open', async (t) => {
  const runDir = await makeRunDir(t)
  await mkdir(join(runDir, 'status.sock'))
  await assert.rejects(startTestEngine(t, { runDir }), { code: 'engine.run-dir' })
  await assert.rejects(lstat(join(runDir, 'control.sock')), { code: 'ENOENT' })
})

test('a directory that others can write to is refused', async (t) => {
  const runDir = await makeRunDir(t)
  await chmod(runDir, 0o1777)
  await assert.rejects(startTestEngine(t, { runDir }), { code: 'engine.run-dir', message: /written to by others/ })
})

test('a link in the place of the directory is refused', async (t) => {
  const runDir = await makeRunDir(t)
  await symlink(runDir, join(runDir, 'link'))
  await assert.rejects(startTestEngine(t, { runDir: join(runDir, 'link') }), { code: 'engine.run-dir' })
})

test('a path that is too long for a socket is refused with the reason', async (t) => {
  const runDir = join(await makeRunDir(t), 'x'.repeat(100))
  await assert.rejects(startTestEngine(t, { runDir }), { code: 'engine.run-dir', message: /too long/ })
})

/** An engine of another process, killed while it listens. */
async function leaveSockets(runDir: string): Promise<void> {
  const script = `
    const net = require('node:net')
    for (const name of ['status.sock', 'control.sock']) net.createServer().listen(${JSON.stringify(`${runDir}/`)} + name)
    setImmediate(() => process.stdout.write('listening'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
}
