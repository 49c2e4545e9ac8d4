import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Host, planNode } from '../../../src/engine/core/plan.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { configOf } from './cluster-config.ts'

const host: Host = new Map([
  ['eth0', ['192.0.2.11' as Ipv4]],
  ['eth1', ['198.51.100.100' as Ipv4, '198.51.100.11' as Ipv4]],
])

/** Instance `www` of web1 on this interface. */
const planned = (interfaceName: string, shape: Parameters<typeof configOf>[1], of: Host = host) => {
  const config = configOf(['web1', 'web2'], { ...shape, instances: [{ interface: interfaceName }] })
  const plan = planNode(config, 'web1', 'eth0', {}, of)
  assert.ok(plan.ok)
  const [instance] = plan.value.instances
  assert.ok(instance)
  return { plan: plan.value, source: instance.router.source, peers: instance.peers.map(({ address }) => address) }
}

describe('the address that adverts come from', () => {
  test("is the node's own on its own interface, and where nothing is known of the box", () => {
    assert.equal(planned('eth0', { paths: 1 }).source, '192.0.2.11')
    assert.equal(planned('eth1', { paths: 1 }, new Map()).source, '192.0.2.11')
  })

  test("is the node's path on another interface; the other nodes have theirs of that line", () => {
    const { plan, source, peers } = planned('eth1', { paths: 1 })
    assert.deepEqual([source, peers], ['198.51.100.11', ['198.51.100.12']])
    assert.equal(plan.nodeNames.get('198.51.100.12' as Ipv4), 'web2', 'who is heard there is known')
    assert.equal(plan.nodeNames.get('192.0.2.12' as Ipv4), 'web2')
  })

  test('that the file does not name: what the interface has, but not a virtual one; with a channel the known one', () => {
    const virtual: Host = new Map([['eth1', ['192.0.2.100' as Ipv4, '203.0.113.11' as Ipv4]]])
    const alone = planned('eth1', { config: { peer: undefined } }, virtual)
    assert.deepEqual([alone.source, alone.peers], ['203.0.113.11', ['192.0.2.12']])
    assert.equal(planned('eth1', {}, virtual).source, '192.0.2.11')
    assert.equal(planned('eth2', { config: { peer: undefined } }).source, '192.0.2.11', 'it has none')
  })
})
