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
    { freezes: true, said: /web1 ended as if its engine had died, but its box goes on answering for the addresses/ },
    { freezes: false, said: /web1 ended as if its engine had died, but its box does not answer ARP either/ },
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
