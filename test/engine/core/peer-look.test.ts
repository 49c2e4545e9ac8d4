import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '../../../src/engine/core/peer-view.ts'
import { toldOf } from '../../../src/engine/peer/told.ts'
import { fromMillis, minus, plus } from '../../../src/shared/units.ts'
import { type Cluster, createCluster } from './cluster.ts'

/** The look at the LAN before a claim, where a channel says more. */

function started(): Cluster {
  const cluster = createCluster()
  cluster.startAll()
  cluster.send('web2', { kind: 'arp-ready', ready: true })
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

const backupOf = (cluster: Cluster) => cluster.member('web2').state.instances.get('www') ?? assert.fail()

test('a box that is dead to every sense is replaced at once when it counts as silent: the look came before', () => {
  const cluster = started()
  cluster.split('web1', 'web2', '*')
  const { plan, state } = cluster.member('web2')
  const [instance] = plan.instances
  const facts = state.peers.get('web1')
  assert.ok(instance !== undefined && facts?.heardAt !== undefined)
  const silentAt = plus(facts.heardAt, waitFor(instance, backupOf(cluster), toldOf(facts, 'www'), cluster.now()))
  const { phase } = backupOf(cluster).router
  assert.ok(phase.kind === 'backup')
  const dueAt = Math.max(silentAt, phase.masterDownAt)
  cluster.run(minus(dueAt as typeof silentAt, cluster.now()) / 1e6 - 0.001)
  assert.equal(backupOf(cluster).lan.doubt?.kind, 'probing')
  assert.equal(backupOf(cluster).router.phase.kind, 'backup')
  cluster.run(0.002)
  assert.equal(backupOf(cluster).router.phase.kind, 'master', cluster.lines.join('\n'))
})

test('while the node is heard the LAN is not asked, however silent its adverts', () => {
  const cluster = started()
  cluster.split('web1', 'web2', 'advert')
  for (let spent = 0; spent < 12_000; spent += 20) {
    cluster.run(fromMillis(20) / 1e6)
    assert.equal(backupOf(cluster).lan.doubt, undefined)
  }
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
})
