import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createMoveLan, type Host, type MoveLan, on, reached, reset, VIP } from './move-support.ts'
import { neighbour } from './support.ts'

let lan: MoveLan
/** Sends straight to `b`. */
let direct: Host

before(async () => {
  lan = await createMoveLan()
  direct = lan.addHost()
})
after(() => lan[Symbol.asyncDispose]())
/** `a` has handed on to `b`, which is closed and admits nothing yet. */
beforeEach(async () => {
  await reset(lan)
  for (const box of [lan.a, lan.b]) await on(box).bind()
  await on(lan.a).open()
  assert.equal(await reached(lan.client), 'a')
  lan.pin(direct, lan.b)
  await on(lan.a).handOn(lan.b)
})

test('closed: what is handed on is let in, and nothing that comes straight', async () => {
  assert.equal(await reached(lan.client), undefined)
  await on(lan.b).admit(lan.a)
  assert.equal(await reached(direct), undefined)
  assert.equal(await reached(lan.client), 'b')
  assert.equal(await reached(direct), undefined)
})

test('clients are asked for in its own name: nobody learns the new place before the gate is open', async () => {
  await on(lan.b).admit(lan.a)
  assert.equal(neighbour(lan.b.at, lan.client.address), undefined, 'not known')
  assert.equal(await reached(lan.client), 'b')
  assert.equal(neighbour(lan.b.at, lan.client.address), lan.client.mac)
  assert.equal(neighbour(lan.client.at, VIP), lan.a.mac)
  assert.equal(neighbour(lan.client.at, lan.b.address), lan.b.mac, 'it was asked by the own address')
})

test('open: in the name of the address again', async () => {
  await on(lan.b).admit(lan.a)
  await on(lan.b).open()
  lan.client.at.ip('neigh', 'flush', 'dev', 'e0', 'nud', 'all')
  lan.pin(lan.client, lan.b)
  assert.equal(await reached(lan.client), 'b')
  assert.equal(neighbour(lan.client.at, lan.b.address), undefined)
})

test('it ends with its time', async () => {
  await on(lan.b).admit(lan.a, 200)
  assert.equal(await reached(lan.client), 'b')
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(await reached(lan.client), undefined)
})

test('it ends when the gate is closed, and when it has been open', async () => {
  await on(lan.b).admit(lan.a)
  await on(lan.b).close()
  assert.equal(await reached(lan.client), undefined)
  await on(lan.b).admit(lan.a)
  await on(lan.b).open(200)
  assert.equal(await reached(lan.client), 'b')
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(await reached(lan.client), undefined)
})

test('it ends with the engine', async () => {
  await on(lan.b).admit(lan.a)
  lan = { ...lan, b: await lan.restart(lan.b) }
  assert.equal(await reached(lan.client), undefined)
})

test('a reload keeps it', async () => {
  await on(lan.b).admit(lan.a)
  await on(lan.b).prepare()
  assert.equal(await reached(lan.client), 'b')
  assert.equal(await reached(direct), undefined)
})

test('what comes too late is refused', async () => {
  const admission = { from: lan.a.mac }
  assert.deepEqual(await lan.b.agent.call('admit', 'www', admission, -5), {
    ok: false,
    error: 'the gate of www admits nothing: the time is over',
  })
})
