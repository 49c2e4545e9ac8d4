import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'
import { openNode } from './support/arbiter.ts'
import { freePort } from './support/etcd.ts'

/** What docs/witnesses.md says of real servers. */

const TTL = fromSeconds(5)

test('the store of the documentation is an arbiter, and keeps the lease over its own death', async (t) => {
  const documentation = readFileSync(join(import.meta.dirname, '../../../docs/witnesses.md'), 'utf8')
  const program = /```python\n([\s\S]*?)```/.exec(documentation)?.[1]
  assert.ok(program !== undefined)
  const [directory, port] = [makeDirectory(t), await freePort()]
  const start = () => startServer(t, ['python3', '-c', program, directory, String(port)], port)
  const store = await start()
  const place = { kind: 'http', url: `http://127.0.0.1:${port}/leases` } as const
  using ant = openNode(place)
  assert.ok(!(await ant.port.acquire('ant', TTL)).ok, 'a new record is nobody’s at first')
  ant.wait(fromMillis(5_050))
  const nodes = ['b', 'c', 'd'].map((name) => ({ name, ...openNode(place, { token: `boot-${name}` }) }))
  for (const { name, port: each, wait } of nodes) {
    await each.look(name)
    wait(fromMillis(5_050))
  }
  const answers = await Promise.all([
    ant.port.acquire('a', TTL),
    ...nodes.map((each) => each.port.acquire(each.name, TTL)),
  ])
  assert.equal(answers.filter(({ ok }) => ok).length, 1)
  const winner = [{ name: 'a', port: ant.port }, ...nodes][answers.findIndex(({ ok }) => ok)]
  await end(store)
  await start()
  assert.ok((await winner?.port.renew(winner.name, TTL))?.ok)
  assert.ok((await winner?.port.release(winner.name))?.ok)
  for (const { port: each } of nodes) each.close()
})

test('nginx’s WebDAV is refused', async (t) => {
  const [directory, port] = [makeDirectory(t), await freePort()]
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${directory}/${each};`,
  )
  const server = `server { listen 127.0.0.1:${port}; root ${directory}/data; location / { dav_methods PUT; } }`
  const http = `http { access_log off; ${temporary.join(' ')} ${server} }`
  const main = `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/log;`
  writeFileSync(join(directory, 'conf'), `${main} events {} ${http}`)
  await startServer(t, ['nginx', '-c', join(directory, 'conf'), '-e', join(directory, 'log')], port)
  using ant = openNode({ kind: 'http', url: `http://127.0.0.1:${port}` })
  const detail = 'the server is no arbiter: it ignores If-None-Match'
  assert.deepEqual(await ant.port.acquire('ant', TTL), { ok: false, error: { kind: 'unreachable', detail } })
})

test('apache’s WebDAV is refused', async (t) => {
  const [directory, port] = [makeDirectory(t), await freePort()]
  const modules = ['mpm_event', 'authz_core', 'dav', 'dav_fs'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  )
  const files = [`PidFile ${directory}/pid`, `ErrorLog ${directory}/log`, `DavLockDB ${directory}/data/.lock`]
  const folder = `<Directory ${directory}/data>\nDav On\nRequire all granted\n</Directory>`
  const main = [
    'ServerName arbiter',
    'User nobody',
    'Group nogroup',
    `Listen 127.0.0.1:${port}`,
    `DocumentRoot ${directory}/data`,
  ]
  writeFileSync(join(directory, 'conf'), [...modules, ...files, ...main, folder, ''].join('\n'))
  await startServer(t, ['apache2', '-d', directory, '-f', join(directory, 'conf'), '-DFOREGROUND'], port)
  using ant = openNode({ kind: 'http', url: `http://127.0.0.1:${port}` })
  const refused = await ant.port.acquire('ant', TTL)
  // Its ETags are weak for the first second.
  for (let waited = 0; waited < 50 && !said(refused).startsWith('the server is no arbiter'); waited += 1) {
    await setTimeout(100)
    const again = await ant.port.acquire('ant', TTL)
    assert.ok(!again.ok)
    if (said(again).startsWith('the server is no arbiter')) return assert.match(said(again), /two writers pass/)
    assert.match(said(again), /no strong ETag/)
  }
  assert.fail(said(refused))
})

const said = (answer: {
  readonly ok: boolean
  readonly error?: { readonly kind: string; readonly detail?: string }
}): string => answer.error?.detail ?? answer.error?.kind ?? 'granted'

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'haup-arbiter-'))
  mkdirSync(join(directory, 'data'))
  // Their workers are nobody.
  chmodSync(directory, 0o755)
  chmodSync(join(directory, 'data'), 0o777)
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function startServer(
  t: TestContext,
  [program = '', ...args]: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  t.after(() => end(child))
  for (let waited = 0; !(await accepts(port)); waited += 20) {
    if (waited > 10_000 || child.exitCode !== null) throw new Error(`${program} does not listen`)
    await setTimeout(20)
  }
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.on('connect', () => settle(true))
    socket.on('error', () => settle(false))
  })
