import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Beside } from '../../../src/engine/core/lan-beside.ts'
import type { InstancePlan, InstanceRuntime } from '../../../src/engine/core/types.ts'
import { unheardRival } from '../../../src/engine/core/unheard-rival.ts'
import { fromMillis, fromSeconds, type Micros, minus, plus } from '../../../src/shared/units.ts'
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
