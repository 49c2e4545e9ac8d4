import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createMoveLan, type MoveLan, nft, OWNER, on, PORT, reached, reset, VIP } from './move-support.ts'
import { neighbour } from './support.ts'

let lan: MoveLan

before(async () => {
  lan = await createMoveLan()
})
after(() => lan[Symbol.asyncDispose]())
/** `a` holds the address, `b` is ready to take it, and the client believes in `a` whatever it hears. */
beforeEach(async () => {
  await reset(lan)
  await on(lan.a).bind()
  await on(lan.a).open()
  await on(lan.b).bind()
  lan.pin(lan.client, lan.a)
})

const asked = () => lan.client.agent.call('ask', VIP, PORT, 300)
const tables = () => nft(lan.a, 'list', 'tables').trim().split('\n').toSorted()
const MOVE = 'table ip haup-move-www'

test('what begins goes to the new holder; a connection that exists goes on, as long as the address is here', async () => {
  assert.equal(await lan.client.agent.call('dial', VIP, PORT), 'a')
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b)
  assert.equal(await reached(lan.client), 'b')
  assert.equal(await asked(), 'b', 'a datagram')
  assert.equal(await lan.client.agent.call('echo', 'still here'), 'still here')
  await on(lan.a).unbind()
  assert.equal(await reached(lan.client), 'b')
  assert.equal(await asked(), 'b', 'a datagram')
})

test('an own connection goes on when its client must be asked for; nobody takes this box for the holder', async () => {
  await lan.client.agent.call('dial', VIP, PORT)
  await on(lan.a).handOn(lan.b)
  lan.a.at.ip('neigh', 'flush', 'dev', 'e0', 'nud', 'all')
  assert.equal(await lan.client.agent.call('echo', 'still here'), 'still here')
  assert.equal(neighbour(lan.client.at, lan.a.address), lan.a.mac, 'it was asked by the own address')
})

test('it ends by itself: closed, and the table goes', async () => {
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b, 400)
  assert.equal(await reached(lan.client), 'b')
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal(await reached(lan.client), undefined)
  while (tables().includes(MOVE)) await new Promise((resolve) => setTimeout(resolve, 50))
})

test('an engine that is killed hands on until its time; the next one takes it away', async () => {
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b, 3_000)
  const next = await lan.restart(lan.a)
  assert.equal(await reached(lan.client), 'b')
  await on(next).prepare()
  assert.ok(!tables().includes(MOVE))
  assert.equal(await reached(lan.client), undefined)
  lan = { ...lan, a: next }
})

test('an engine that ends in order leaves it until its time, and nothing else', async () => {
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b, 1_000)
  await on(lan.a).unbind()
  assert.deepEqual(await lan.a.agent.call('retire'), { ok: true })
  assert.deepEqual(tables(), [MOVE])
  assert.equal(await reached(lan.client), 'b')
  // As by `haup cleanup`.
  assert.deepEqual(await lan.a.agent.call('retire'), { ok: true })
  assert.deepEqual(tables(), [MOVE])
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  assert.equal(await reached(lan.client), undefined)
  assert.deepEqual(await lan.a.agent.call('retire'), { ok: true })
  assert.deepEqual(tables(), [''])
})

test('removing all takes it away before its time', async () => {
  await on(lan.a).handOn(lan.b)
  assert.deepEqual(await lan.a.agent.call('remove'), { ok: true })
  assert.deepEqual(tables(), [''])
})

test('what did not hand on leaves nothing', async () => {
  assert.deepEqual(await lan.a.agent.call('retire'), { ok: true })
  assert.deepEqual(tables(), [''])
})

test('opening again ends it', async () => {
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b)
  assert.equal(await reached(lan.client), 'b')
  await on(lan.a).open()
  assert.equal(await reached(lan.client), 'a')
  assert.ok(!tables().includes(MOVE))
})

test('nothing goes back to where it came from', async () => {
  const count = (box: typeof lan.a): string | undefined =>
    /packets (\d+)/.exec(nft(box, 'list', 'counters', 'table', 'ip', 'user'))?.[1]
  await on(lan.a).handOn(lan.b)
  await on(lan.b).handOn(lan.a)
  for (const box of [lan.a, lan.b]) {
    nft(box, 'add', 'table', 'ip', 'user')
    nft(box, 'add', 'counter', 'ip', 'user', 'seen')
    nft(box, 'add', 'chain', 'ip', 'user', 'first', '{ type filter hook prerouting priority -400; }')
    nft(box, 'add', 'rule', 'ip', 'user', 'first', 'ip', 'daddr', VIP, 'tcp', 'flags', 'syn', 'counter', 'name', 'seen')
  }
  assert.equal(await reached(lan.client), undefined)
  assert.deepEqual([count(lan.a), count(lan.b)], ['1', '1'])
  for (const box of [lan.a, lan.b]) nft(box, 'delete', 'table', 'ip', 'user')
})

test('a reload keeps it, with the connections that have begun there', async () => {
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b)
  assert.equal(await lan.client.agent.call('dial', VIP, PORT), 'b')
  await on(lan.a).prepare()
  assert.equal(await lan.client.agent.call('echo', 'still there'), 'still there')
  assert.equal(await reached(lan.client), 'b')
})

for (const command of [
  ['flush', 'ruleset'],
  ['flush', 'chain', 'ip', 'haup-move-www', 'here'],
  ['flush', 'set', 'ip', 'haup-move-www', 'vip4'],
]) {
  test(`nft ${command.join(' ')}: noticed, and put back`, async () => {
    await on(lan.b).open()
    await on(lan.a).handOn(lan.b)
    nft(lan.a, ...command)
    const { what } = await lan.a.agent.next(({ event }) => event === 'foreign')
    assert.match(String(what), /the program "nft" .*table ip haup-move-www/)
    await on(lan.a).prepare()
    assert.equal(await reached(lan.client), 'b')
  })
}

test('a table that is gone already is in nobody’s way', async () => {
  await on(lan.a).handOn(lan.b)
  nft(lan.a, 'delete', 'table', 'ip', 'haup-move-www')
  await on(lan.b).open()
  await on(lan.a).handOn(lan.b)
  assert.equal(await reached(lan.client), 'b')
  nft(lan.a, 'delete', 'table', 'ip', 'haup-move-www')
  await on(lan.a).open()
  assert.equal(await reached(lan.client), 'a')
})

test('what cannot be handed on changes nothing', async () => {
  const target = { ...lan.b.target, interface: 'nowhere' }
  const { handed } = (await lan.a.agent.call('handOn', OWNER, target, 5_000)) as { readonly handed: unknown }
  assert.deepEqual(handed, { ok: false, error: 'interface nowhere does not exist' })
  nft(lan.a, 'add', 'table', 'ip', 'haup-move-www')
  const refused = JSON.stringify(await lan.a.agent.call('handOn', OWNER, lan.b.target, 5_000))
  assert.match(refused, /the gate of www cannot hand on: .*EEXIST/)
  assert.equal(await reached(lan.client), 'a')
  nft(lan.a, 'delete', 'table', 'ip', 'haup-move-www')
})
