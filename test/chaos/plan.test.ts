import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../sim/random.ts'
import { type PlannedFault, planEpisode } from './support/plan.ts'

const plans = (seed: number, count: number): readonly (readonly PlannedFault[])[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => planEpisode(random))
}

test('the same seed plans the same, another one something else', () => {
  assert.deepEqual(plans(7, 50), plans(7, 50))
  assert.notDeepEqual(plans(7, 50), plans(8, 50))
})

test('faults of one part of a box never overlap, each ends, and every kind occurs', () => {
  const kinds = new Set<string>()
  for (const plan of plans(1, 1_000)) {
    for (const [index, fault] of plan.entries()) {
      kinds.add(fault.kind)
      assert.ok(fault.to >= fault.from)
      for (const other of plan.slice(index + 1)) {
        if (other.box === fault.box && other.part === fault.part) assert.ok(other.from > fault.to, JSON.stringify(plan))
      }
    }
  }
  assert.equal(kinds.size, 21)
})
