import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseTarget } from '../../src/engine/refusals.ts'
import { createCluster } from './core/cluster.ts'

const refusals = (cluster: ReturnType<typeof createCluster>) => {
  const { plan, state } = cluster.member('web1')
  return ['web2', 'web3'].map((to) => refuseTarget(plan, state, plan.instances, to, cluster.now()))
}

test('a node from which a better one would take the addresses at once is refused, with the remedy', () => {
  const cluster = createCluster({ nodes: 3 })
  cluster.startAll()
  cluster.run(10)
  const [second, third] = refusals(cluster)
  assert.equal(second, undefined)
  assert.deepEqual(
    [third?.code, third?.next_steps],
    ['node.outranked', ['`haup standby` on web2 first, or leave --to out']],
  )
  assert.match(
    third?.message ?? '',
    /^web2 would take www from web3 at once: its priority is higher \(\d+, web3 has \d+\)$/,
  )
})

test('not when the better one is dead, whatever it said last', () => {
  const cluster = createCluster({ nodes: 3 })
  cluster.startAll()
  cluster.run(10)
  cluster.kill('web2')
  cluster.run(5)
  assert.deepEqual(refusals(cluster)[1], undefined)
})

test('not when the better one could not serve, or preempts nobody', () => {
  const cluster = createCluster({ nodes: 3 })
  cluster.startAll()
  cluster.run(10)
  cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true })
  cluster.run(1)
  assert.deepEqual(refusals(cluster)[1], undefined)

  const patient = createCluster({ nodes: 3, instance: { preempt: false } })
  patient.startAll()
  patient.run(10)
  assert.deepEqual(refusals(patient), [undefined, undefined])
})
