import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, micros } from '../../../src/shared/units.ts'
import { createWorld, stationOf } from '../../sim/peers/world.ts'
import { addressOf } from './cluster-config.ts'

test('a kernel that takes its time to close the gate of a dead engine: still replaced before the timers say so', async () => {
  for (let closes = 0; closes <= 300; closes += closes < 75 ? 5 : 25) {
    const world = createWorld({ hearsArp: true })
    world.startAll()
    await world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    world.box('web1').freeze(true)
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    await world.run(closes / 1000)
    world.box('web1').die(false)
    await world.run(1)
    assert.deepEqual(world.accepting(), ['web2'], `${closes} ms: ${world.lines.join('\n')}`)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 60, `${closes} ms: nobody for ${gap} ms`)
  }
})

test('a hint that comes to nothing is said, and the timers decide', async () => {
  for (const { freezes, said } of [
    {
      freezes: true,
      said: /web1: the connection to it ended as if .*, but somebody goes on answering for the addresses/,
    },
    { freezes: false, said: /web1: the connection to it ended as if .*, but its box does not answer ARP either/ },
  ]) {
    const world = createWorld({ hearsArp: true })
    world.startAll()
    await world.run(10)
    if (freezes) world.box('web1').freeze(true)
    else world.box('web1').die(true)
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    await world.run(0.5)
    assert.match(world.lines.join('\n'), said)
    assert.deepEqual(world.accepting(), freezes ? ['web1'] : [])
    await world.run(5)
    assert.deepEqual(world.accepting(), ['web2'])
  }
})

test('hints that anybody makes have few lines, and move nothing', async () => {
  const world = createWorld({ hearsArp: true })
  world.startAll()
  await world.run(10)
  const before = world.lines.length
  for (let round = 0; round < 40; round += 1) {
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    await world.run(0.001)
    world.box('web1').freeze(true)
    await world.run(0.5)
    world.box('web1').freeze(false)
    await world.run(0.5)
  }
  const hints = world.lines.slice(before).filter((line) => line.includes('peer.hint'))
  assert.ok(hints.length > 0 && hints.length <= 6, `${hints.length} lines`)
  assert.deepEqual(world.accepting(), ['web1'])
})

test('the box of the dead engine speaks again while the third node is asked for leave: the claim goes on', async () => {
  for (let after = 15; after < 60; after++) {
    const world = createWorld({
      nodes: 3,
      hearsArp: true,
      wires: { delay: (link) => (link === 'lan' || link === 'stream' ? fromMillis(20) : micros(200)) },
    })
    world.startAll()
    await world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    world.kill('web1')
    await world.run((20 + after) / 1000)
    world.send('web2', { kind: 'neighbour', address: addressOf(0), mac: stationOf(0) })
    await world.run(1)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 120, `${after} ms: nobody for ${gap} ms`)
  }
})

test('a holder that lost its own address lets go by an advert alone: replaced as soon as nobody answers', async () => {
  for (const nodes of [2, 3]) {
    const world = createWorld({ nodes, hearsArp: true })
    world.startAll()
    await world.run(10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    for (const other of ['web2', 'web3'].slice(0, nodes - 1)) {
      world.wires.cut('web1', other, 'lan')
      world.wires.cut(other, 'web1', 'lan')
    }
    world.send('web1', { kind: 'addresses', seen: [] })
    await world.run(1.5)
    const said = world.lines.join('\n')
    assert.deepEqual(world.accepting(), ['web2'], said)
    assert.match(said, /web2 www BACKUP -> MASTER|web2 www backup -> master/i)
    const { gap, doubles } = world.since(from)
    assert.deepEqual(doubles, [])
    assert.ok(gap < 60, `nobody for ${gap} ms`)
  }
})

test('an advert of priority 0 in the name of a holder that goes on moves nothing', async () => {
  for (const nodes of [2, 3]) {
    for (const { hearsArp, isCut } of [
      { hearsArp: true, isCut: false },
      { hearsArp: true, isCut: true },
      { hearsArp: false, isCut: true },
    ]) {
      for (const stalls of [0, 60]) {
        const { gap, doubles, holds } = await forge({ nodes, hearsArp, isCut, stalls })
        assert.deepEqual([gap, doubles, holds], [0, [], ['web1']], JSON.stringify({ nodes, hearsArp, isCut, stalls }))
      }
    }
  }
})

type Forging = { nodes: number; hearsArp: boolean; isCut: boolean; stalls: number }

/** Somebody sends such adverts, with ARP heard or not, and to nodes whose loop is late. */
async function forge({ nodes, hearsArp, isCut, stalls }: Forging) {
  const world = createWorld({ nodes, paths: 1, hearsArp, wires: { delay: () => fromMillis(5) } })
  world.startAll()
  await world.run(10)
  const from = world.now()
  for (const one of world.names) {
    for (const other of world.names) if (isCut && one !== other) world.wires.cut(one, other, 'arp')
  }
  const { router } = world.box('web1').plan().instances[0] ?? assert.fail()
  const { version, vrid, addresses, advertInterval: interval } = router
  for (let forged = 0; forged < 10; forged += 1) {
    for (const other of world.names.slice(1)) {
      const advert = { version, vrid, priority: 0, interval, addresses }
      world.send(other, { kind: 'advert', id: 0, instance: 'www', from: router.source, advert })
      if (stalls > 0) world.box(other).stall(fromMillis(stalls))
    }
    await world.run(0.533)
  }
  return { ...world.since(from), holds: world.accepting() }
}

test('such an advert, and the answers to one question are lost: another one is asked, and nothing moves', async () => {
  const world = createWorld({
    hearsArp: true,
    wires: { delay: (link) => (link === 'arp' ? micros(200) : fromMillis(90)) },
  })
  world.startAll()
  await world.run(10)
  const from = world.now()
  const { router } = world.box('web1').plan().instances[0] ?? assert.fail()
  const { version, vrid, addresses, advertInterval: interval } = router
  const advert = { version, vrid, priority: 0, interval, addresses }
  world.wires.cut('web1', 'web2', 'arp')
  world.send('web2', { kind: 'advert', id: 0, instance: 'www', from: router.source, advert })
  await world.run(0.038)
  world.wires.heal()
  await world.run(1)
  assert.deepEqual(world.since(from).doubles, [])
  assert.doesNotMatch(world.lines.join('\n'), /web2 .*BACKUP -> MASTER/)
})

test('a box whose own address is gone and whose engine dies then is replaced as soon', async () => {
  for (const after of [5, 20]) {
    const world = createWorld({ hearsArp: true })
    world.startAll()
    await world.run(10)
    world.wires.cut('web1', 'web2', 'lan')
    world.wires.cut('web2', 'web1', 'lan')
    world.send('web1', { kind: 'addresses', seen: [] })
    await world.run(0.1 + after / 1_000)
    const from = world.now()
    world.send('web2', { kind: 'peer-broken', node: 'web1' })
    await world.run(1)
    assert.deepEqual(world.accepting(), ['web2'], world.lines.join('\n'))
    assert.ok(world.since(from).gap < 60)
  }
})
