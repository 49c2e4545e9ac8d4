import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, micros } from '../../../src/shared/units.ts'
import { createWorld } from '../../sim/peers/world.ts'

test('a kernel that takes its time to close the gate of a dead engine: still replaced before the timers say so', () => {
  for (let closes = 0; closes <= 300; closes += closes < 75 ? 5 : 25) {
    const world = createWorld({ hearsArp: true })
    world.startAll()
    world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    world.box('web1').freeze(true)
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    world.run(closes / 1000)
    world.box('web1').die(false)
    world.run(1)
    assert.deepEqual(world.accepting(), ['web2'], `${closes} ms: ${world.lines.join('\n')}`)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 60, `${closes} ms: nobody for ${gap} ms`)
  }
})

test('a hint that comes to nothing is said, and the timers decide', () => {
  for (const { freezes, said } of [
    {
      freezes: true,
      said: /web1: the connection to it ended as if .*, but somebody goes on answering for the addresses/,
    },
    { freezes: false, said: /web1: the connection to it ended as if .*, but its box does not answer ARP either/ },
  ]) {
    const world = createWorld({ hearsArp: true })
    world.startAll()
    world.run(10)
    if (freezes) world.box('web1').freeze(true)
    else world.box('web1').die(true)
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    world.run(0.5)
    assert.match(world.lines.join('\n'), said)
    assert.deepEqual(world.accepting(), freezes ? ['web1'] : [])
    world.run(5)
    assert.deepEqual(world.accepting(), ['web2'])
  }
})

test('the box of the dead engine speaks again while the third node is asked for leave: the claim goes on', () => {
  for (let after = 15; after < 60; after++) {
    const world = createWorld({
      nodes: 3,
      hearsArp: true,
      wires: { delay: (link) => (link === 'lan' ? fromMillis(20) : micros(200)) },
    })
    world.startAll()
    world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    world.kill('web1')
    world.run((20 + after) / 1000)
    const { nodeNames } = world.box('web2').plan()
    const [address] = [...nodeNames].find(([, name]) => name === 'web1') ?? []
    world.send('web2', { kind: 'neighbour', address, mac: '02:00:00:00:00:10' })
    world.run(1)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 120, `${after} ms: nobody for ${gap} ms`)
  }
})

test('a holder that lost its own address lets go by an advert alone: replaced as soon as nobody answers', () => {
  for (const nodes of [2, 3]) {
    const world = createWorld({ nodes, hearsArp: true })
    world.startAll()
    world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    for (const other of ['web2', 'web3'].slice(0, nodes - 1)) {
      world.wires.cut('web1', other, 'lan')
      world.wires.cut(other, 'web1', 'lan')
    }
    world.send('web1', { kind: 'addresses', seen: [] })
    world.run(1.5)
    const said = world.lines.join('\n')
    assert.deepEqual(world.accepting(), ['web2'], said)
    assert.match(said, /web2 www BACKUP -> MASTER|web2 www backup -> master/i)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 60, `nobody for ${gap} ms`)
  }
})

for (const hearsArp of [true, false]) {
  test(`an advert of priority 0 in the name of a holder that goes on moves nothing, ARP heard: ${hearsArp}`, () => {
    const world = createWorld({ hearsArp })
    world.startAll()
    world.run(10)
    const from = world.now()
    const { nodeNames } = world.box('web1').plan()
    const [address] = [...nodeNames].find(([, name]) => name === 'web1') ?? []
    const { router } = world.box('web1').plan().instances[0] ?? assert.fail()
    const { version, vrid, addresses, advertInterval: interval } = router
    for (let forged = 0; forged < 20; forged += 1) {
      const advert = { version, vrid, priority: 0, interval, addresses }
      world.send('web2', { kind: 'advert', instance: 'www', from: address, advert })
      world.run(0.173)
    }
    assert.deepEqual(world.accepting(), ['web1'])
    const { gap, doubles } = world.since(from)
    assert.deepEqual([gap, doubles], [0, []])
    assert.equal(/web1: its last advert let go, but somebody goes on answering/.test(world.lines.join('\n')), hearsArp)
  })
}
