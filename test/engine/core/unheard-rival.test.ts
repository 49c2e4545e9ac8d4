import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Beside } from '../../../src/engine/core/lan-beside.ts'
import type { InstancePlan, InstanceRuntime } from '../../../src/engine/core/types.ts'
import { unheardRival } from '../../../src/engine/core/unheard-rival.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis, fromSeconds, type Micros, minus, plus } from '../../../src/shared/units.ts'
import { createCluster } from './cluster.ts'
import { createNode, planFor, WEB2 } from './support.ts'

const NOW = fromSeconds(1_000)
const ago = (seconds: number): Micros => minus(NOW, fromMillis(seconds * 1_000))

/** web1 is master with 150, web2 advertises with 100 and has answered for the addresses. */
function look(
  changes: Partial<Beside>,
  { isAlive = false, hearsArp = true, unprovenAt = undefined as Micros | undefined, phase = 'master' } = {},
) {
  const plan = planFor('web1')
  const instance = plan.instances[0] as InstancePlan
  const before = createNode(plan).state().instances.get('www') as InstanceRuntime
  const beside: Beside = {
    ...{ from: WEB2, priority: 100, interval: fromSeconds(1), since: ago(1), at: ago(0), answeredAt: ago(0.5) },
    ...changes,
  }
  const runtime = {
    ...before,
    router: { ...before.router, priority: 150, phase: { ...before.router.phase, kind: phase } },
    lan: { ...before.lan, beside },
  } as InstanceRuntime
  return unheardRival(instance, runtime, { node: 'web2', unprovenAt }, isAlive, hearsArp, NOW)
}

describe('a lower master that goes on beside this one', () => {
  test('with its first advert and its answer for the addresses the gate closes; four intervals later this node lets go', () => {
    assert.deepEqual(look({ since: ago(0) }), { node: 'web2', yields: false })
    assert.deepEqual(look({ since: ago(3.9) }), { node: 'web2', yields: false })
    assert.deepEqual(look({ since: ago(4) }), { node: 'web2', yields: true })
    assert.deepEqual(look({ since: ago(4), interval: fromSeconds(2) })?.yields, false, 'the longer interval counts')
  })

  test('adverts alone can be forged', () => {
    assert.equal(look({ answeredAt: undefined, since: ago(60) }), undefined)
    assert.equal(look({ answeredAt: ago(3), since: ago(60) }), undefined, 'it answers no more')
  })

  test('what it did a while ago is over', () => {
    assert.equal(look({ at: ago(3) }), undefined)
    assert.notEqual(look({ at: ago(2.5) }), undefined)
    const slow = { interval: fromSeconds(4), since: ago(8), at: ago(3), answeredAt: ago(8) }
    assert.notEqual(look(slow), undefined, 'who advertises rarely may answer as rarely')
    const rare = { ...slow, answeredAt: undefined }
    assert.notEqual(look(rare, { hearsArp: false, unprovenAt: ago(8) }), undefined)
    const brisk = { interval: fromMillis(100), since: ago(1), at: ago(0), answeredAt: ago(2) }
    assert.notEqual(look(brisk), undefined, 'announcements come once a second')
  })

  test('the channel knows better', () => {
    assert.equal(look({ since: ago(60) }, { isAlive: true }), undefined)
  })

  test('to a higher one this node yields by VRRP', () => {
    assert.equal(look({ priority: 151 }), undefined)
    assert.notEqual(look({ priority: 150 }), undefined)
  })

  test('a backup has nothing to close', () => {
    assert.equal(look({}, { phase: 'backup' }), undefined)
  })

  test('where ARP is not heard its seal has to arrive', () => {
    assert.equal(look({}, { hearsArp: false }), undefined)
    assert.equal(look({}, { hearsArp: false, unprovenAt: ago(3) }), undefined)
    assert.notEqual(look({ answeredAt: undefined }, { hearsArp: false, unprovenAt: ago(1) }), undefined)
  })

  test('a stranger is no node', () => {
    assert.equal(look({ from: '192.0.2.99' as Beside['from'] }), undefined)
  })
})

test('a time in the future is no trouble', () => {
  assert.notEqual(look({ at: plus(NOW, fromMillis(1)) }), undefined)
})

const VIP = '192.0.2.100' as Ipv4
const OWN = '52:54:00:00:00:01' as Mac
const OTHERS = '52:54:00:00:00:02' as Mac

/** web2's engine starts anew while nothing of web1 arrives there: it claims, and web1 hears its adverts, and its ARP where `arp`. */
function unheard(arp: boolean) {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  cluster.send('web1', { kind: 'arp-ready', ready: true })
  cluster.send('web1', { kind: 'neighbour', address: WEB2, mac: OTHERS })
  cluster.kill('web2')
  cluster.run(6)
  cluster.cut('web1', 'web2', '*')
  cluster.start('web2')
  const from = cluster.now()
  const announce = (): void =>
    cluster.send('web1', {
      ...{ kind: 'foreign-claim', instance: 'www', address: VIP, mac: OTHERS, own: OWN, announced: true },
    })
  for (let step = 0; step < 400; step += 1) {
    cluster.run(0.05)
    if (arp && step % 10 === 0 && cluster.member('web2').bound) announce()
  }
  return { cluster, from }
}

test('of two that both hold, the one that is not heard closes and lets go, and does not come back for as long as that lasts', () => {
  const { cluster, from } = unheard(true)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.masters(), ['web2'])
  const doubled = cluster.since(from).doubles
  assert.ok(doubled.length <= 1, JSON.stringify(doubled))
  assert.ok(
    cluster.lines.some((line) => line.startsWith('web1') && /gate\.limited.*does not hear this node/.test(line)),
  )
  assert.ok(
    cluster.lines.some((line) => line.startsWith('web1') && /does not hear this node: this node lets go/.test(line)),
  )
})

test('for adverts alone it lets nothing go', () => {
  const { cluster } = unheard(false)
  assert.ok(cluster.masters().includes('web1'))
})
