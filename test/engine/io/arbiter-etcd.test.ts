import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { base64 } from '../../../src/engine/peer/etcd-answers.ts'
import { fromMillis, fromSeconds, minus, plus, toMillis } from '../../../src/shared/units.ts'
import { openNode } from './support/arbiter.ts'
import { type Etcd, makeCertificate, startEtcd } from './support/etcd.ts'

const TTL = fromSeconds(2)

let etcd: Etcd
before(async () => {
  etcd = await startEtcd()
})
after(() => etcd[Symbol.asyncDispose]())

const place = (prefix: string, endpoints = [etcd.url]) => ({ kind: 'etcd', endpoints, prefix }) as const

test('one gets it, the other one is told who has it, and gets it when it is given back', async () => {
  using ant = openNode(place('/give'))
  using bee = openNode(place('/give'), { token: 'boot-2' })
  const begun = ant.now()
  const got = await ant.port.acquire('ant', TTL)
  assert.ok(got.ok)
  assert.ok(got.value.expiresAt >= plus(begun, fromMillis(1_960)) && got.value.expiresAt < plus(ant.now(), TTL))
  const held = { kind: 'held', by: 'ant', forMs: 0 }
  assert.deepEqual(await bee.port.acquire('bee', TTL), { ok: false, error: held })
  assert.deepEqual(await bee.port.renew('bee', TTL), { ok: false, error: held })
  assert.deepEqual(await bee.port.look('bee'), { ok: true, value: held })
  assert.ok((await bee.port.release('bee')).ok)
  const renewed = await ant.port.renew('ant', TTL)
  assert.ok(renewed.ok && renewed.value.expiresAt > got.value.expiresAt)
  assert.ok((await ant.port.renew('ant', TTL)).ok)
  assert.ok((await ant.port.release('ant')).ok)
  assert.deepEqual(await ant.port.renew('ant', TTL), { ok: false, error: { kind: 'gone' } })
  assert.ok((await bee.port.acquire('bee', TTL)).ok)
})

test('many want it at once: one gets it', async () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...openNode(place('/many'), { token: `boot-${name}` }) }))
  const answers = await Promise.all(nodes.map(({ name, port }) => port.acquire(name, TTL)))
  assert.equal(answers.filter(({ ok }) => ok).length, 1)
  for (const { port } of nodes) port.close()
})

test('a dead holder loses it, not before its own clock said so', async () => {
  using ant = openNode(place('/dead'))
  using bee = openNode(place('/dead'), { token: 'boot-2' })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  const renewed = await ant.port.renew('ant', TTL)
  assert.ok(renewed.ok)
  let got = await bee.port.acquire('bee', TTL)
  for (let waited = 0; !got.ok && waited < 200; waited += 1) {
    await setTimeout(50)
    got = await bee.port.acquire('bee', TTL)
  }
  assert.ok(got.ok)
  assert.ok(bee.now() > renewed.value.expiresAt, 'the two never overlap')
  assert.deepEqual(await ant.port.renew('ant', TTL).then((each) => !each.ok && each.error.kind), 'held')
})

test('a former lease that etcd revokes does not take the key with it', async () => {
  using ant = openNode(place('/stale'))
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  const range = await etcd.ask('/v3/kv/range', { key: base64('/stale/www') })
  const former = range.match(/"lease":"(\d+)"/)?.[1]
  assert.ok(former !== undefined, range)
  assert.ok((await ant.port.renew('ant', TTL)).ok)
  await etcd.ask('/v3/lease/revoke', { ID: former })
  assert.ok((await ant.port.renew('ant', TTL)).ok, 'a renewal does not take what is gone')
})

test('the same box of the same boot takes up what its former life has left', async () => {
  using former = openNode(place('/boot'))
  assert.ok((await former.port.acquire('ant', TTL)).ok)
  using clone = openNode(place('/boot'), { token: 'boot-2' })
  assert.ok(!(await clone.port.acquire('ant', TTL)).ok)
  using present = openNode(place('/boot'))
  assert.ok((await present.port.acquire('ant', TTL)).ok)
})

test('an endpoint that is dead or silent costs its part of the time, once', async () => {
  await using other = await startEtcd()
  other.pause()
  using ant = openNode(place('/several', ['http://127.0.0.1:9', other.url, etcd.url]), { timeout: fromMillis(900) })
  const seen = await ant.port.look('ant')
  assert.deepEqual(seen, { ok: true, value: { kind: 'free' } })
  const begun = ant.now()
  assert.ok((await ant.port.look('ant')).ok)
  assert.ok(toMillis(minus(ant.now(), begun)) < 250, 'the good one is asked first')
  other.goOn()
})

test('no answer', async () => {
  await using other = await startEtcd()
  using ant = openNode(place('/none', [other.url]), { timeout: fromMillis(200) })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  other.pause()
  const answer = await ant.port.renew('ant', TTL)
  const detail = `${new URL(other.url).host}: no answer in time`
  assert.deepEqual(answer, { ok: false, error: { kind: 'unreachable', detail } })
  other.goOn()
  assert.ok((await ant.port.renew('ant', TTL)).ok)
})

test('login, by https', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'haup-tls-'))
  const files = makeCertificate(directory)
  const secure = { tls: { ca: files.cert, own: undefined } }
  await using locked = await startEtcd(files)
  const at = place('/auth', [locked.url])
  using setUp = openNode(at, secure)
  assert.ok((await setUp.port.look('ant')).ok, 'before there are users')
  for (const [path, body] of ROOT_LOGIN) await locked.ask(path, body)
  using ant = openNode(at, { ...secure, login: { user: 'root', password: 'secret' } })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  assert.ok((await ant.port.renew('ant', TTL)).ok)
  using bee = openNode(at, { ...secure, login: { user: 'root', password: 'wrong' } })
  const wrong = await bee.port.acquire('bee', TTL)
  assert.ok(!wrong.ok && wrong.error.kind === 'unreachable')
  assert.match(wrong.error.detail, /login: .*authentication failed/)
  using stranger = openNode(at, { login: { user: 'root', password: 'secret' } })
  const untrusted = await stranger.port.acquire('ant', TTL)
  assert.ok(!untrusted.ok && untrusted.error.kind === 'unreachable')
  assert.match(untrusted.error.detail, /certificate/)
  rmSync(directory, { recursive: true })
})

const ROOT_LOGIN = [
  ['/v3/auth/user/add', { name: 'root', password: 'secret' }],
  ['/v3/auth/role/add', { name: 'root' }],
  ['/v3/auth/user/grant', { user: 'root', role: 'root' }],
  ['/v3/auth/enable', {}],
] as const
