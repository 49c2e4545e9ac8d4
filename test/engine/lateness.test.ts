import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLateness } from '../../src/engine/lateness.ts'
import { micros } from '../../src/shared/units.ts'

test('nothing was late before the first wake-up', () => {
  assert.deepEqual(createLateness().summary(), { p50: 0, p99: 0, max: 0 })
})

test('percentiles are those of the last wake-ups, to a few percent', () => {
  const lateness = createLateness(1_000)
  for (let at = 0; at < 5_000; at += 1) lateness.record(micros(900_000))
  for (let at = 1; at <= 1_000; at += 1) lateness.record(micros(at * 10))
  const { p50, p99, max } = lateness.summary()
  assert.ok(Math.abs(p50 / 5_000 - 1) < 0.03, `${p50}`)
  assert.ok(Math.abs(p99 / 9_900 - 1) < 0.03, `${p99}`)
  assert.equal(max, 900_000)
})

test('what is not late counts as 0, what is very late is told, and a percentile is never above the maximum', () => {
  const lateness = createLateness()
  lateness.record(micros(0))
  assert.equal(lateness.summary().p99, 0)
  for (let at = 0; at < 10; at += 1) lateness.record(micros(101))
  assert.ok(lateness.summary().p99 <= 101)
  for (let at = 0; at < 100; at += 1) lateness.record(micros(1e12))
  assert.ok(lateness.summary().p50 > 1e9)
})
