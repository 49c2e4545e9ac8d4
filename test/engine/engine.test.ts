import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateLease } from '../../src/engine/core/gate-deadline.ts'
import { fromMillis, fromSeconds, minus, plus } from '../../src/shared/units.ts'
import { createEngines } from './support/engines.ts'

/** The order in which whole engines act on their kernels and on the wire. */

const ALONE = { config: { peer: undefined } }
const WIRES = ['advert', 'channel', 'arp'] as const
const RESIGNS = ['close', 'unbind', 'advert 0']

test('a claim: the advert, then bound behind the closed gate, then open, then announced', async () => {
  const world = createEngines(['web1'], ALONE)
  const { kernel } = world.box('web1')
  kernel.slow.bind = fromMillis(200)
  await world.start()
  await world.run(5)
  assert.deepEqual(world.done().slice(0, 6), ['fence', 'clean up', 'advert 250', 'bind', 'open', 'announce'])
  assert.deepEqual([world.wrong(), world.serving()], [[], ['web1']])
})

test('the end: closed, unbound, resigned, then everything that was needed for it', async () => {
  const world = createEngines(['web1'], ALONE)
  await world.start()
  await world.run(5)
  world.done()
  world.box('web1').kernel.slow.unbind = fromMillis(100)
  await Promise.all([world.box('web1').stop(), world.run(5)])
  assert.deepEqual(world.done(), [...RESIGNS, 'close socket', 'clean up', 'retire gate'])
  assert.deepEqual(world.wrong(), [])
})

test('a better master: closed before unbound, and not open again while it lives', async () => {
  const world = createEngines(['web1', 'web2'], ALONE)
  await world.start('web2')
  await world.run(10)
  assert.deepEqual(world.serving(), ['web2'])
  world.done()
  world.box('web2').kernel.slow.close = fromMillis(50)
  await world.start('web1')
  await world.run(10)
  const done = ofBox(world.done(), 'web2')
  assert.deepEqual(done.slice(done.indexOf('close')), ['close', 'unbind', 'advert 240'])
  assert.deepEqual([world.wrong(), world.serving()], [[], ['web1']])
})

test('the gate is open for the lease of an advert from before it was sent, however long sending took', async () => {
  const world = createEngines(['web1', 'web2'], ALONE)
  const { kernel, world: box, advertAt } = world.box('web1')
  box.sendTakes = 7
  await world.start('web1')
  await world.run(10)
  const lease = gateLease(3, fromSeconds(1), 240) ?? assert.fail()
  assert.equal(minus(kernel.openUntil(), advertAt()), lease)
  assert.ok(kernel.openUntil() > plus(world.time.now(), fromMillis(500)))
})

test('adverts that cannot be sent do not keep the gate open', async () => {
  const world = createEngines(['web1', 'web2'], ALONE)
  await world.start('web1')
  await world.run(10)
  world.box('web1').world.refusesAdverts = true
  await world.run(3.1)
  assert.deepEqual(world.serving(), [])
})

test('addresses that cannot be bound: never open, priority 0, tried again', async () => {
  const world = createEngines(['web1'], ALONE)
  const { kernel } = world.box('web1')
  kernel.refuse.bind = 'RTNETLINK: busy'
  await world.start()
  await world.run(4)
  assert.deepEqual(world.done().slice(2), ['advert 250', 'bind', ...RESIGNS])
  delete kernel.refuse.bind
  await world.run(30)
  assert.deepEqual([world.wrong(), world.serving()], [[], ['web1']])
})

test('a planned move: the new holder binds behind its gate before the old one closes, and opens after that', async () => {
  const world = createEngines(['web1', 'web2'])
  await world.start()
  await world.run(10)
  assert.deepEqual(world.serving(), ['web1'])
  world.done()
  world.gaps()
  await Promise.all([world.box('web1').stop(), world.run(3)])
  const order = [
    'web2 bind',
    'web2 admit',
    'web1 hand on',
    'web2 advert 240',
    'web2 bind',
    'web2 open',
    'web2 announce',
  ]
  assert.deepEqual(world.done().slice(0, order.length), order)
  const { nobody, several } = world.gaps()
  assert.deepEqual([world.serving(), world.wrong(), several], [['web2'], [], 0])
  assert.ok(nobody <= 0.005, `${nobody} s without a holder`)
})

test('the gate goes by the other node: what it acknowledges opens it for longer at once', async () => {
  const world = createEngines(['web1', 'web2'])
  await world.start()
  await world.run(10)
  const { kernel } = world.box('web1')
  world.cut('web1', 'web2', 'advert', 'channel')
  await world.run(0.5)
  const before = kernel.openUntil()
  world.heal()
  await world.run(1.2)
  assert.ok(kernel.openUntil() > before)
  world.gaps()
  await world.run(10)
  assert.deepEqual(world.gaps(), { nobody: 0, several: 0 })
})

test('a holder that is not heard closes before the other node claims, though it hears that node', async () => {
  const world = createEngines(['web1', 'web2'])
  await world.start()
  await world.run(10)
  world.gaps()
  world.cut('web1', 'web2', ...WIRES)
  await world.run(20)
  assert.deepEqual([world.serving().length, world.gaps().several, world.wrong()], [1, 0, []])
})

test('two that hold after a partition: one of them lets go as soon as they hear each other by the channel', async () => {
  const world = createEngines(['web1', 'web2'])
  await world.start()
  await world.run(10)
  world.cut('web1', 'web2', ...WIRES)
  world.cut('web2', 'web1', ...WIRES)
  await world.run(20)
  assert.deepEqual(world.serving(), ['web1', 'web2'], 'without any way between them that is what VRRP does')
  world.done()
  world.heal('channel')
  await world.run(1.2)
  assert.deepEqual([world.serving(), world.wrong()], [['web1'], []])
  assert.deepEqual(ofBox(world.done(), 'web2').slice(-2), ['close', 'unbind'])
  world.gaps()
  await world.run(10)
  assert.deepEqual(world.gaps(), { nobody: 0, several: 0 })
})

test('a reload: what comes is fenced before it is bound, what goes is closed and unbound', async () => {
  const world = createEngines(['web1'], ALONE)
  await world.start()
  await world.run(5)
  const { engine } = world.box('web1')
  world.done()
  const plan = engine?.plan() ?? assert.fail()
  await Promise.all([engine?.follow({ ...plan, instances: [] }), world.run(1)])
  assert.deepEqual(world.done(), [...RESIGNS, 'take gate away', 'close socket'])
  await Promise.all([engine?.follow(plan), world.run(5)])
  assert.deepEqual(world.done().slice(0, 5), ['fence', 'advert 250', 'bind', 'open', 'announce'])
  assert.deepEqual([world.wrong(), world.serving()], [[], ['web1']])
})

const ofBox = (deeds: readonly string[], name: string): readonly string[] =>
  deeds.flatMap((deed) => (deed.startsWith(`${name} `) ? [deed.slice(name.length + 1)] : []))
