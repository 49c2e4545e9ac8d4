import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gateLease, highestOther, UNKNOWN_PEER } from '../../../src/engine/core/gate-deadline.ts'
import { masterDownInterval } from '../../../src/engine/vrrp/timing.ts'
import { FASTEST_FENCED, type Version } from '../../../src/engine/vrrp/types.ts'
import { fromMillis, fromSeconds, type Micros, toMillis } from '../../../src/shared/units.ts'

const version = fc.constantFrom<Version>(2, 3)
/** Whole seconds in v2, centiseconds up to 40.95 s in v3; from the shortest that can be fenced. */
const interval = (of: Version): fc.Arbitrary<Micros> =>
  of === 2
    ? fc.integer({ min: 1, max: 255 }).map(fromSeconds)
    : fc.integer({ min: 10, max: 4095 }).map((cs) => fromMillis(cs * 10))
const setting = version.chain((of) => fc.record({ version: fc.constant(of), interval: interval(of) }))
const priority = fc.integer({ min: 1, max: 254 })

/** A backup of that priority whose clock is `faster` (0.01 = 1 %): its claim in our time. */
const claimsAt = (of: Version, each: number, wait: Micros, faster: number): number =>
  masterDownInterval(of, each, wait) / (1 + faster)

test('whoever waits in backup claims later than we may answer, for every priority and clock', () => {
  fc.assert(
    fc.property(
      setting,
      fc.array(priority, { minLength: 1, maxLength: 5 }),
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      (at, others, faster) => {
        const lease = gateLease(at.version, at.interval, highestOther(others))
        assert.ok(lease !== undefined)
        for (const each of others) {
          // What is left is for processing: 10 ms to open, 10 ms to answer.
          const left: number = claimsAt(at.version, each, at.interval, faster) - lease
          assert.ok(left >= fromMillis(20), `priority ${each}: only ${toMillis(left as Micros)} ms`)
        }
      },
    ),
  )
})

test('the lease outlasts two lost adverts at the slowest, and a late loop', () => {
  fc.assert(
    fc.property(setting, priority, (at, other) => {
      const lease = gateLease(at.version, at.interval, other)
      assert.ok(lease !== undefined && lease > 0)
      assert.ok(lease >= 2.7 * at.interval, `${lease} of ${at.interval}`)
    }),
  )
})

test('every priority, by its numbers: the higher, the shorter', () => {
  for (const each of [2, 3] as const) {
    const leases = Array.from({ length: 254 }, (_, at) => gateLease(each, fromSeconds(1), at + 1) ?? 0)
    assert.deepEqual(
      leases,
      leases.toSorted((a, b) => b - a),
    )
  }
  assert.equal(gateLease(3, fromSeconds(1), 254), 2_957_734, '99 % of 3.007813 s, less 20 ms')
  assert.equal(gateLease(2, fromSeconds(10), 100), 30_283_281, '99 % of 30.609375 s, less 20 ms')
  assert.equal(gateLease(3, fromMillis(100), 254), 277_774, '99 % of 300.782 ms, less 20 ms')
})

test('adverts faster than 100 ms cannot be fenced', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: FASTEST_FENCED - 1 }), priority, (each, other) => {
      assert.equal(gateLease(3, each as Micros, other), undefined)
    }),
  )
})

test('unknown peers are taken for the keenest; an owner does not wait in backup', () => {
  assert.equal(highestOther([]), UNKNOWN_PEER)
  assert.equal(highestOther([100, 255]), 254)
  assert.equal(highestOther([90, 150, 120]), 150)
  assert.equal(gateLease(3, fromSeconds(1), 255), gateLease(3, fromSeconds(1), 254))
})
