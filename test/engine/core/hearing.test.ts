import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hearingWarnings } from '../../../src/engine/core/hearing.ts'
import { type Cluster, createCluster } from './cluster.ts'

const started = (): Cluster => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  return cluster
}

const warningsOf = (cluster: Cluster, name: string): readonly string[] => {
  const { plan, state } = cluster.member(name)
  return hearingWarnings(plan, state, cluster.now()).map(({ code, message }) => `${code}: ${message}`)
}

test('two nodes that hear each other have nothing to say about it, from the start on', () => {
  const cluster = createCluster()
  cluster.startAll()
  for (let round = 0; round < 100; round++) {
    cluster.run(0.1)
    assert.deepEqual([...warningsOf(cluster, 'web1'), ...warningsOf(cluster, 'web2')], [])
  }
})

test('reports to the backup are lost, adverts are not: both say so, each where to look', () => {
  const cluster = started()
  cluster.cut('web1', 'web2', 'lan')
  cluster.run(6)
  const [holder, ...more] = warningsOf(cluster, 'web1')
  assert.match(holder ?? '', /^peer\.not-acknowledged: web2 does not acknowledge .* UDP port 7112 pass on web2/)
  assert.match(warningsOf(cluster, 'web2').join(), /^peer\.reports-lost: adverts of web1 arrive, its reports do not/)
  assert.deepEqual(more, [])
  assert.deepEqual(cluster.accepting(), ['web1'])
})

test('reports to the holder are lost: the backup says that it is not acknowledged', () => {
  const cluster = started()
  cluster.cut('web2', 'web1', 'lan')
  cluster.run(6)
  assert.match(warningsOf(cluster, 'web2').join(), /^peer\.not-acknowledged: web1 /)
})

test('a node that is dead is neither of both: its adverts end, too', () => {
  const cluster = started()
  cluster.kill('web1')
  cluster.run(6)
  assert.deepEqual(warningsOf(cluster, 'web2'), [])
})

test('the log has one line as it begins and one as it ends', () => {
  const cluster = started()
  const told = () => cluster.lines.filter((line) => /peer\.(reports-lost|heard-again)/.test(line))
  cluster.cut('web1', 'web2', 'lan')
  cluster.run(20)
  assert.equal(told().length, 1, told().join('\n'))
  cluster.heal()
  cluster.run(3)
  assert.match(told().slice(1).join(), /^web2 .*peer\.heard-again[^,]*$/)
})
