import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, fromSeconds, minus, plus, toMillis } from '../../../src/shared/units.ts'
import { openNode } from './support/arbiter.ts'
import { startLeaseServer } from './support/lease-server.ts'

const TTL = fromSeconds(10)
const LEASE = '/leases/www'

/** A server that has the lease free, as after a release. */
async function startFree() {
  const server = await startLeaseServer()
  const body = '{"haup_lease":1,"holder":null,"token":"","ttl_ms":0,"count":3}'
  server.contents.set(LEASE, { etag: '"first"', body })
  return server
}

const place = ({ url }: { readonly url: string }) => ({ kind: 'http', url: `${url}/` }) as const

test('one gets it, the other one is told who has it, and gets it when it is given back', async () => {
  await using server = await startFree()
  using ant = openNode(place(server))
  using bee = openNode(place(server), { token: 'boot-2' })
  const begun = ant.now()
  const got = await ant.port.acquire('ant', TTL)
  assert.ok(got.ok)
  assert.ok(got.value.expiresAt >= plus(begun, fromMillis(9_880)), 'nearly the whole time')
  assert.ok(got.value.expiresAt <= plus(ant.now(), fromMillis(9_880)), 'less 1 % and 20 ms')
  const refused = await bee.port.acquire('bee', TTL)
  assert.ok(!refused.ok && refused.error.kind === 'held' && refused.error.by === 'ant')
  assert.ok(refused.error.forMs > 9_000 && refused.error.forMs <= 10_100, `${refused.error.forMs}`)
  const seen = await bee.port.look('bee')
  assert.ok(seen.ok && seen.value.kind === 'held' && seen.value.by === 'ant')
  assert.deepEqual(await bee.port.renew('bee', TTL).then((each) => !each.ok && each.error.kind), 'held')
  assert.deepEqual(await bee.port.release('bee'), { ok: true, value: undefined })
  assert.ok((await ant.port.renew('ant', TTL)).ok, 'a release by another one changed nothing')
  assert.ok((await ant.port.release('ant')).ok)
  assert.deepEqual(await bee.port.look('bee'), { ok: true, value: { kind: 'free' } })
  assert.ok((await bee.port.acquire('bee', TTL)).ok)
  assert.deepEqual(await ant.port.renew('ant', TTL).then((each) => !each.ok && each.error.kind), 'held')
})

test('many want it at once: one gets it', async () => {
  await using server = await startFree()
  const nodes = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...openNode(place(server), { token: `boot-${name}` }) }))
  const answers = await Promise.all(nodes.map(({ name, port }) => port.acquire(name, TTL)))
  assert.equal(answers.filter(({ ok }) => ok).length, 1)
  for (const { port } of nodes) port.close()
})

test('a dead holder loses it when its record has not changed for its time and 1 %, by the clock of who waits', async () => {
  await using server = await startFree()
  using ant = openNode(place(server))
  using bee = openNode(place(server), { token: 'boot-2' })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  assert.ok((await bee.port.look('bee')).ok)
  bee.wait(fromMillis(9_900))
  assert.ok((await ant.port.renew('ant', TTL)).ok)
  const refused = await bee.port.acquire('bee', TTL)
  assert.ok(!refused.ok && refused.error.kind === 'held', 'it was renewed: the time begins anew')
  bee.wait(fromMillis(10_000))
  assert.ok(!(await bee.port.acquire('bee', TTL)).ok)
  bee.wait(fromMillis(100))
  assert.ok((await bee.port.acquire('bee', TTL)).ok)
})

test('the same box of the same boot takes up what its former life has left; its clone does not', async () => {
  await using server = await startFree()
  using before = openNode(place(server))
  assert.ok((await before.port.acquire('ant', TTL)).ok)
  using clone = openNode(place(server), { token: 'boot-2' })
  assert.ok(!(await clone.port.acquire('ant', TTL)).ok)
  using after = openNode(place(server))
  assert.ok((await after.port.acquire('ant', TTL)).ok)
})

test('a record that is newly made is nobody’s for a whole time: an older one may have been lost', async () => {
  await using server = await startFree()
  using ant = openNode(place(server))
  using bee = openNode(place(server), { token: 'boot-2' })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  server.contents.delete(LEASE)
  assert.deepEqual(await bee.port.acquire('bee', TTL).then((each) => !each.ok && each.error.kind), 'held')
  assert.deepEqual(await ant.port.renew('ant', TTL), { ok: false, error: { kind: 'gone' } })
  bee.wait(fromMillis(10_100))
  assert.ok((await bee.port.acquire('bee', TTL)).ok)
})

test('a renewal that was carried out, and not answered, is found again', async () => {
  await using server = await startFree()
  using ant = openNode(place(server), { timeout: fromMillis(400) })
  assert.ok((await ant.port.acquire('ant', TTL)).ok)
  server.behaviour = { mute: true }
  const lost = await ant.port.renew('ant', TTL)
  assert.deepEqual(lost, { ok: false, error: { kind: 'unreachable', detail: 'no answer in time' } })
  server.behaviour = { silent: true }
  assert.ok((await ant.port.renew('ant', TTL)).ok)
  assert.ok((await ant.port.renew('ant', TTL)).ok, 'also without ETags of what was put')
})

for (const [behaviour, detail] of [
  [{ ignores: 'if-match' }, 'the server is no arbiter: it ignores If-Match'],
  [{ ignores: 'if-none-match' }, 'the server is no arbiter: it ignores If-None-Match'],
  [{ early: true }, 'the server is no arbiter: it lets two writers pass with the same If-Match'],
  [{ weak: true }, 'the server gives no strong ETag'],
  [{ status: 403 }, 'GET is answered with status 403'],
  [{ status: 302 }, 'GET is answered with status 302'],
] as const) {
  test(`a server with ${JSON.stringify(behaviour)} gives no lease`, async () => {
    await using server = await startLeaseServer(behaviour)
    using ant = openNode(place(server))
    assert.deepEqual(await ant.port.acquire('ant', TTL), { ok: false, error: { kind: 'unreachable', detail } })
    assert.ok(!server.requests.includes(`PUT ${LEASE}`), 'the lease itself was not touched')
  })
}

test('what is no lease is not overwritten', async () => {
  await using server = await startLeaseServer()
  server.contents.set(LEASE, { etag: '"1"', body: '<html>' })
  using ant = openNode(place(server))
  const answer = await ant.port.acquire('ant', TTL)
  assert.ok(!answer.ok && answer.error.kind === 'unreachable' && answer.error.detail.includes('no lease of haup'))
  assert.equal(server.contents.get(LEASE)?.body, '<html>')
})

test('a call ends in time, and at once when the port is closed', async () => {
  await using server = await startLeaseServer({ mute: true })
  using ant = openNode(place(server), { timeout: fromMillis(100) })
  const begun = ant.now()
  assert.ok(!(await ant.port.look('ant')).ok)
  assert.ok(toMillis(minus(ant.now(), begun)) < 1_000)
  using bee = openNode(place(server), { timeout: fromSeconds(60) })
  const calls = [bee.port.acquire('bee', TTL), bee.port.release('bee')]
  bee.port.close()
  assert.deepEqual(await Promise.all(calls.map((each) => each.then(({ ok }) => ok))), [false, false])
})

test('nobody there', async () => {
  using ant = openNode({ kind: 'http', url: 'http://127.0.0.1:9' })
  const detail = 'connection refused'
  assert.deepEqual(await ant.port.acquire('ant', TTL), { ok: false, error: { kind: 'unreachable', detail } })
})
