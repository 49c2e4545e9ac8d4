import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis, minus, toSeconds } from '../../../src/shared/units.ts'
import { createWorld } from '../../sim/peers/world.ts'
import { orderOf, reportOf } from '../peer/support.ts'
import { createCluster } from './cluster.ts'

test('a master that slept and first hears a report lets go, and does not drive the new one away', () => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  // What is on its way to a process that is stopped may be lost; what comes after it wakes is not.
  cluster.split('web1', 'web2', '*')
  cluster.freeze('web1', true)
  cluster.run(6)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  const facts = cluster.member('web1').state.peers.get('web2')
  assert.ok(facts)
  const report = reportOf(facts)
  cluster.heal()
  cluster.freeze('web1', false)
  const from = cluster.now()
  const instances = report.instances.map((each) => ({ ...each, state: 'MASTER' as const, holding: true }))
  cluster.send('web1', {
    kind: 'peer-heard',
    node: 'web2',
    path: 'lan',
    report: { ...report, instances },
    provenAt: from,
    order: orderOf(1, 'next'),
  })
  assert.deepEqual(cluster.masters(), ['web2'], cluster.lines.join('\n'))
  cluster.run(2)
  assert.deepEqual(cluster.masters(), ['web2'], cluster.lines.join('\n'))
  assert.ok(!cluster.lines.some((line) => line.includes('peer.two-holders')), cluster.lines.join('\n'))
})

const carrier = (up: boolean) => {
  return { kind: 'link', link: { interface: 'eth0', up, detail: `eth0 is ${up ? 'up' : 'down'}` } } as const
}

test('a backup that was stopped, or not to be heard, and is back: the gate of the master has been open throughout', () => {
  let quiet = 0
  for (const disturbance of ['stopped', 'cut off', 'without carrier'] as const) {
    for (let tenths = 1; tenths <= 60; tenths++) {
      const cluster = createCluster()
      cluster.startAll()
      cluster.run(10 + tenths / 97)
      const from = cluster.now()
      if (disturbance === 'stopped') cluster.freeze('web2', true)
      else cluster.split('web1', 'web2', '*')
      if (disturbance === 'without carrier') cluster.send('web2', carrier(false))
      cluster.run(tenths / 10)
      cluster.freeze('web2', false)
      cluster.heal()
      if (disturbance === 'without carrier') cluster.send('web2', carrier(true))
      cluster.run(3)
      // What claimed before it was back is another story.
      if (cluster.lines.includes('web2 backup -> master')) continue
      quiet += 1
      const { gap, doubles } = cluster.since(from)
      assert.deepEqual([gap, doubles], [0, []], `${disturbance} for ${tenths / 10} s: ${cluster.lines.join('\n')}`)
    }
  }
  assert.ok(quiet > 140, `${quiet}`)
})

test('who woke late, or whose holder hangs, does not blame the network for the adverts', () => {
  for (const stopped of ['web1', 'web2']) {
    for (let late = 0; late < 20; late++) {
      const cluster = createCluster({ instance: { advertInterval: fromMillis(100) } })
      cluster.startAll()
      cluster.run(2 + late / 190)
      cluster.freeze(stopped, true)
      cluster.run(0.3 + late / 50)
      cluster.freeze(stopped, false)
      cluster.run(2)
      const blamed = cluster.lines.filter((line) => line.includes('peer.adverts-blocked'))
      assert.deepEqual(blamed, [], `${stopped} ${late}: ${cluster.lines.join('\n')}`)
    }
  }
})

test('a master that falls silent altogether is replaced when its adverts were due, whenever it reported last', () => {
  for (let late = 0; late < 20; late++) {
    const cluster = createCluster()
    cluster.startAll()
    cluster.run(10 + late / 20)
    // Reports have gone out at another time than adverts.
    cluster.send('web1', { kind: 'peer-met', node: 'web2' })
    cluster.run(1.1)
    cluster.split('web1', 'web2', '*')
    cluster.freeze('web1', true)
    const { router } = cluster.member('web2').state.instances.get('www') ?? assert.fail()
    const advertAt = router.master?.heardAt ?? assert.fail()
    // Three intervals, and the skew of priority 240.
    cluster.run(3.07 - toSeconds(minus(cluster.now(), advertAt)))
    assert.ok(cluster.masters().includes('web2'), `${late}: ${cluster.lines.join('\n')}`)
  }
})

test('a master that slept takes its time to unbind: whoever holds now goes on', async () => {
  for (const [index, took] of [1, 15, 40, 80, 200].entries()) {
    for (const asleep of [4, 6.3, 10.1]) {
      let slow = false
      const world = createWorld({
        kernel: () => fromMillis(slow ? took : 1),
        wires: { delay: () => fromMillis(index) },
      })
      world.startAll()
      await world.run(10)
      world.box('web1').freeze(true)
      await world.run(asleep)
      assert.deepEqual(world.accepting(), ['web2'])
      slow = true
      const from = world.now()
      world.box('web1').freeze(false)
      await world.run(1)
      const { gap, doubles } = world.since(from)
      assert.deepEqual([gap, doubles], [0, []], `${took} ms, after ${asleep} s: ${world.lines.join('\n')}`)
      assert.doesNotMatch(world.lines.join('\n'), /two-holders/)
    }
  }
})
