import assert from 'node:assert/strict'
import { cp, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeRunDir } from '../control/support/engine.ts'
import { HAUP, ROOT, runHaup } from './support/run.ts'

/** bin/haup and bin/haup.js: how haup is started. */

test('it runs by way of links, from any directory', async (t) => {
  const directory = await makeRunDir(t)
  await symlink(HAUP, join(directory, 'first'))
  await symlink('first', join(directory, 'haup'))
  const ran = await runHaup(['--version'], { program: join(directory, 'haup') })
  assert.deepEqual([ran.code, ran.stderr], [0, ''])
})

test('a Node that is too old is told so, before anything else is read', async (t) => {
  const program = await copyWithoutBuild(t)
  const pretend = "Object.defineProperty(process.versions,'node',{value:'20.19.2'})"
  const argv = ['--import', `data:text/javascript,${pretend}`, program, 'status']
  const ran = await runHaup(argv, { program: process.execPath })
  assert.deepEqual([ran.code, ran.stdout], [2, ''])
  assert.match(ran.stderr, /^error: haup needs Node 26 or newer/)
})

test('a checkout that is not built says how to build it', async (t) => {
  const ran = await runHaup([await copyWithoutBuild(t), 'status'], { program: process.execPath })
  assert.deepEqual(ran, { code: 2, stdout: '', stderr: 'error: haup is not built yet\n→ npm run build\n' })
})

test('the engine starts with settings that this Node knows', async () => {
  const ran = await runHaup(['up', '--help'])
  assert.deepEqual([ran.code, ran.stderr], [0, ''])
})

test('compiled code is kept where nobody else can write', async (t) => {
  const home = await makeRunDir(t)
  assert.equal((await runHaup(['--version'], { env: { XDG_CACHE_HOME: home } })).code, 0)
  const directory = process.geteuid?.() === 0 ? '/var/cache/haup' : join(home, 'haup')
  for (const path of [directory, ...(await readdir(directory)).map((name) => join(directory, name))]) {
    const { uid, mode } = await lstat(path)
    assert.equal(uid, process.geteuid?.(), path)
    assert.equal(mode & 0o022, 0, path)
  }
})

async function copyWithoutBuild(t: TestContext): Promise<string> {
  const directory = await makeRunDir(t)
  await mkdir(join(directory, 'bin'))
  await cp(join(ROOT, 'bin', 'haup.js'), join(directory, 'bin', 'haup.js'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  return join(directory, 'bin', 'haup.js')
}
