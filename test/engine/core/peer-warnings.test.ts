import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peerWarnings } from '../../../src/engine/core/peer-warnings.ts'
import { type Cluster, createCluster } from './cluster.ts'

const settled = (): Cluster => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

const warnings = (cluster: Cluster, name: string): readonly string[] => {
  const { plan, state } = cluster.member(name)
  return peerWarnings(plan, state, cluster.now()).map(({ message }) => message)
}

test('a holder says that its adverts do not reach another node', () => {
  const cluster = settled()
  assert.deepEqual(warnings(cluster, 'web1'), [])
  cluster.cut('web1', 'web2', 'advert')
  cluster.run(6)
  assert.deepEqual(warnings(cluster, 'web1'), [
    'www: the adverts of this node do not reach web2, which knows by the peer channel alone that it holds: let IP protocol 112 to 224.0.0.18 pass on both nodes and on what is between them',
  ])
  assert.deepEqual(warnings(cluster, 'web2'), [])
  cluster.heal()
  cluster.run(3)
  assert.deepEqual(warnings(cluster, 'web1'), [])
})

test('not of a node that asks for the addresses because it has the better right', () => {
  const cluster = settled()
  cluster.send('web1', { kind: 'hold', instances: [], until: undefined })
  cluster.run(3)
  cluster.send('web1', { kind: 'back', instances: [] })
  for (let step = 0; step < 500; step++) {
    cluster.run(0.01)
    assert.deepEqual(warnings(cluster, 'web2'), [])
  }
  assert.deepEqual(cluster.accepting(), ['web1'])
})
