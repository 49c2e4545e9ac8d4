import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { initialEngine } from '../../../src/engine/core/core.ts'
import { learning } from '../../../src/engine/core/learning.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import { masterDownInterval } from '../../../src/engine/vrrp/timing.ts'
import { fromMillis, fromSeconds, type Micros, micros, ZERO } from '../../../src/shared/units.ts'
import { createCluster } from './cluster.ts'
import { configOf } from './cluster-config.ts'

/** Which intervals adverts may teach a node whose channel hears another one. */

const NOW = fromSeconds(100)

/** What web2 may learn, when web1 (priority 250) was heard at `heardAt` to promise such a wait. */
function learned(wait: Micros, heardAt: Micros, own = fromMillis(100)) {
  const planned = planNode(configOf(['web1', 'web2'], { instances: [{ advertInterval: own }] }), 'web2', 'eth0')
  assert.ok(planned.ok)
  const [instance] = planned.value.instances
  assert.ok(instance)
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(5)
  const facts = cluster.member('web2').state.peers.get('web1')
  assert.ok(facts)
  const rows = [...facts.instances].map(
    ([name, row]) => [name, { ...row, heardAt, says: { ...row.says, wait } }] as const,
  )
  const peers = new Map([['web1', { ...facts, instances: new Map(rows) }]])
  return learning(instance, { ...initialEngine(planned.value, ZERO), peers }, NOW).learns
}

test('a longer interval of a node that is heard, to the step of VRRPv3', () => {
  fc.assert(
    fc.property(fc.integer({ min: 11, max: 4095 }), (steps) => {
      const interval = fromMillis(10 * steps)
      const { shortest, longest } = learned(masterDownInterval(3, 250, interval), micros(NOW - 1))
      assert.deepEqual([shortest, longest], [fromMillis(100), interval])
    }),
    { numRuns: 60 },
  )
})

test('no shorter one', () => {
  const { shortest, longest } = learned(masterDownInterval(3, 250, fromMillis(20)), micros(NOW - 1))
  assert.deepEqual([shortest, longest], [fromMillis(100), fromMillis(100)])
})

test('nothing of a node that has been silent for as long as it promised to wait', () => {
  const wait = masterDownInterval(3, 250, fromSeconds(1))
  assert.equal(learned(wait, micros(NOW - wait + 1)).longest, fromSeconds(1))
  assert.equal(learned(wait, micros(NOW - wait)).longest, fromMillis(100))
})

test('one forged advert, from no node or in the name of a dead one, costs the node that is left no more than T', () => {
  for (const from of ['192.0.2.99', '192.0.2.11'] as const) {
    for (const interval of [fromMillis(10), fromMillis(40_950)]) {
      const cluster = createCluster()
      cluster.startAll()
      cluster.run(8)
      cluster.split('web1', 'web2', '*')
      cluster.kill('web1')
      cluster.run(8)
      assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
      const { router, basePriority } = cluster.member('web2').plan.instances[0] ?? assert.fail('no instance')
      const advert = {
        version: router.version,
        vrid: router.vrid,
        priority: 255,
        interval,
        addresses: router.addresses,
      }
      const begun = cluster.now()
      cluster.send('web2', { kind: 'advert', instance: 'www', from, id: 1, advert })
      cluster.run(10)
      assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
      const most = masterDownInterval(3, basePriority, router.advertInterval) + router.advertInterval
      assert.ok(cluster.since(begun).gap * 1_000 <= most, `${cluster.since(begun).gap} ms\n${cluster.lines.join('\n')}`)
    }
  }
})
