import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeKind } from '../../../src/config/types.ts'
import { planNode } from '../../../src/engine/core/plan.ts'
import { fromMillis, fromSeconds, type Micros } from '../../../src/shared/units.ts'
import { configOf } from './cluster-config.ts'

/** What adverts may teach web1 of its master's interval, when web2 is such a node. */
function learns(kind: NodeKind, advertInterval: Micros) {
  const config = configOf(['web1', 'web2'], { instances: [{ advertInterval }] })
  const nodes = config.nodes.map((node) => (node.name === 'web2' ? { ...node, kind } : node))
  const plan = planNode({ ...config, nodes }, 'web1', 'eth0')
  assert.ok(plan.ok)
  return plan.value.instances[0]?.router.learns
}

test('beside haup nodes alone the interval is that of the file', () => {
  assert.deepEqual(learns('haup', fromSeconds(1)), { shortest: fromSeconds(1), longest: fromSeconds(1) })
})

test('a foreign router may be five times slower or faster, as far as VRRPv3 reaches', () => {
  assert.deepEqual(learns('keepalived', fromSeconds(1)), { shortest: fromMillis(200), longest: fromSeconds(5) })
  assert.deepEqual(learns('keepalived', fromMillis(20)), { shortest: fromMillis(10), longest: fromMillis(100) })
  assert.deepEqual(learns('keepalived', fromSeconds(20)), { shortest: fromSeconds(4), longest: fromMillis(40_950) })
})
