import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cluster, createCluster } from './cluster.ts'

/** A box of whose LAN one direction is lost, whoever speaks. */

const started = (paths = 0): Cluster => {
  const cluster = createCluster({ paths })
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'])
  return cluster
}

test('nothing comes to the holder, one line: it says so and lets go, and the other node serves', () => {
  const cluster = started()
  const from = cluster.now()
  cluster.cut('web2', 'web1', '*')
  cluster.member('web1').reach = 'deaf'
  cluster.member('web2').reach = 'reached'
  cluster.run(6)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.match(
    cluster.lines.join('\n'),
    /web1 vrrp\.state: MASTER -> INIT: left the election: nothing at all arrives on eth0/,
  )
  cluster.run(20)
  assert.deepEqual(cluster.accepting(), ['web2'], 'for as long as it lasts')
  cluster.heal()
  cluster.member('web1').reach = 'reached'
  cluster.run(8)
  assert.deepEqual(cluster.accepting(), ['web1'])
  assert.deepEqual(cluster.since(from).doubles, [])
})

test('nothing comes to the backup, one line: it does not claim beside the holder for long, and that one goes on', () => {
  const cluster = started()
  const from = cluster.now()
  cluster.cut('web1', 'web2', '*')
  cluster.member('web2').reach = 'deaf'
  cluster.member('web1').reach = 'reached'
  cluster.run(30)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.since(from).doubles, [])
})

test('nothing comes from the holder on the LAN, a second line: asked for the addresses it finds that the LAN does not hear it', () => {
  const cluster = started(1)
  const from = cluster.now()
  cluster.cut('web1', 'web2', 'advert', 'lan')
  cluster.member('web1').reach = 'dark'
  cluster.member('web2').reach = 'reached'
  cluster.run(6)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  cluster.run(20)
  assert.deepEqual(cluster.accepting(), ['web2'], 'for as long as it lasts')
  assert.deepEqual(cluster.since(from).doubles, [])
})

test('a holder that hears no other node, and hears the LAN, goes on', () => {
  const cluster = started()
  cluster.member('web1').reach = 'reached'
  cluster.kill('web2')
  const from = cluster.now()
  cluster.run(20)
  assert.deepEqual([cluster.accepting(), cluster.since(from).gap], [['web1'], 0])
})
