import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standingOf } from '../../../src/engine/core/candidates.ts'
import { takeoverWarnings } from '../../../src/engine/core/candidates-text.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { ClusterOptions } from './cluster-parts.ts'
import { createNode, planFor, WEB2 } from './support.ts'

const settled = (options: ClusterOptions = {}): Cluster => {
  const cluster = createCluster(options)
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

const standing = (cluster: Cluster, name: string) => {
  const { plan, state } = cluster.member(name)
  const [instance] = plan.instances
  const runtime = state.instances.get('www')
  assert.ok(instance !== undefined && runtime !== undefined)
  const { candidates, ...rest } = standingOf(plan, instance, runtime, state, cluster.now())
  return { ...rest, candidates: candidates.map(({ node, readiness }) => `${node} ${readiness}`) }
}

const warnings = (cluster: Cluster, name: string): readonly string[] => {
  const { plan, state } = cluster.member(name)
  return takeoverWarnings(plan, state, cluster.now()).map(({ message }) => message)
}

test('all nodes say alike who holds and who could take over', () => {
  const cluster = settled({ nodes: 3 })
  cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true })
  cluster.member('web3').healthy = false
  cluster.run(4)
  for (const name of ['web1', 'web2', 'web3']) {
    const { holder, preferred, candidates } = standing(cluster, name)
    assert.deepEqual([holder, preferred], ['web1', 'web1'], name)
    assert.deepEqual(candidates.toSorted(), ['web2 standby', 'web3 unable'], name)
    assert.deepEqual(warnings(cluster, name), [], name)
  }
})

test('when nobody would take over, all that run say so', () => {
  const cluster = settled()
  cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true, strict: true })
  cluster.run(2)
  for (const name of ['web1', 'web2']) {
    assert.deepEqual(warnings(cluster, name), [
      'www: nobody would take over from web1: web2 cannot (put on strict standby by an administrator (haup standby --strict))',
    ])
  }
  cluster.send('web2', { kind: 'back', instances: [] })
  cluster.run(5)
  for (const name of ['web1', 'web2']) assert.deepEqual(warnings(cluster, name), [])
})

test('when nobody serves and nobody could', () => {
  const cluster = settled()
  for (const name of ['web2', 'web1']) {
    cluster.send(name, { kind: 'hold', instances: [], until: undefined, standby: true, strict: true, force: true })
    cluster.run(5)
  }
  assert.deepEqual(standing(cluster, 'web1').holder, undefined)
  assert.match(warnings(cluster, 'web1').join(), /^www: nobody serves, and nobody could: web1 cannot .*, web2 cannot/)
})

test('without a channel adverts tell who holds, and nothing of a backup', () => {
  const backup = createNode(planFor('web1'))
  backup.ready()
  backup.advert(WEB2, 200)
  const [instance] = planFor('web1').instances
  const runtime = backup.state().instances.get('www')
  assert.ok(instance !== undefined && runtime !== undefined)
  const seen = () => standingOf(planFor('web1'), instance, runtime, backup.state(), backup.now())
  assert.equal(seen().holder, 'web2')
  backup.skip(4)
  assert.equal(seen().holder, undefined)
  assert.deepEqual(
    seen().candidates.map(({ node, readiness }) => `${node} ${readiness}`),
    ['web1 serves', 'web2 unknown'],
  )
})
