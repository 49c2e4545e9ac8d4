import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { lockEngine } from '../../../src/engine/io/engine-lock.ts'

const directoryFor = (t: TestContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'haup-lock-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}
const lockName = (): string => `haup-${statSync('/proc/self/ns/net').ino}.lock`

test('one engine holds the lock of its network namespace, until it releases it', async (t) => {
  const directory = directoryFor(t)
  const first = await lockEngine(directory)
  assert.ok(first.ok)
  assert.deepEqual(readdirSync(directory), [lockName()])
  assert.equal(statSync(join(directory, lockName())).mode & 0o777, 0o600)
  assert.deepEqual(await lockEngine(directory), { ok: false, error: 'held' })
  first.value.release()
  const second = await lockEngine(directory)
  assert.ok(second.ok)
  second.value.release()
})

/** A process that takes the lock, starts a child that outlives it, and says so. */
const holder = (directory: string): string => `
  const { lockEngine } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/engine/io/engine-lock.ts'))})
  const { spawn } = await import('node:child_process')
  const lock = await lockEngine(${JSON.stringify(directory)})
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  console.log(lock.ok + ' ' + child.pid)
`

test('the kernel frees it when the engine is killed, also when a child of the engine lives on', async (t) => {
  const directory = directoryFor(t)
  const engine = spawn(process.execPath, ['--input-type=module', '-e', holder(directory)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(engine.stdout, 'data')
  const [locked, child] = String(said).trim().split(' ')
  t.after(() => process.kill(Number(child)))
  assert.equal(locked, 'true')
  assert.deepEqual(await lockEngine(directory), { ok: false, error: 'held' })
  engine.kill('SIGKILL')
  await once(engine, 'close')
  const after = await lockEngine(directory)
  assert.ok(after.ok)
  after.value.release()
})

test('a name in the abstract namespace, which any user can take, does not hold it', async (t) => {
  const squatter = createServer()
  squatter.once('error', () => undefined)
  squatter.listen('\0haup/engine')
  t.after(() => squatter.close())
  await once(squatter, 'listening')
  const lock = await lockEngine(directoryFor(t))
  assert.ok(lock.ok)
  lock.value.release()
})

test('a file that others can open, or that is somewhere else, is refused', async (t) => {
  const open = directoryFor(t)
  writeFileSync(join(open, lockName()), '')
  chmodSync(join(open, lockName()), 0o644)
  const shared = await lockEngine(open)
  assert.match(shared.ok ? '' : shared.error, /^\/.*\.lock: EPERM/)

  const linked = directoryFor(t)
  symlinkSync('/etc/hostname', join(linked, lockName()))
  const link = await lockEngine(linked)
  assert.match(link.ok ? '' : link.error, /ELOOP/)

  const missing = await lockEngine(join(linked, 'none'))
  assert.match(missing.ok ? '' : missing.error, /ENOENT/)
})
