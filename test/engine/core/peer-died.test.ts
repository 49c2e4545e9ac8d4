import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, micros } from '../../../src/shared/units.ts'
import { createWorld } from '../../sim/peers/world.ts'

test('a kernel that takes its time to close the gate of a dead engine: still replaced before the timers say so', () => {
  for (let closes = 0; closes <= 75; closes += 5) {
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
