import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTwoHolders, type Fault, INTERVAL_MS, LEASE_MS } from './support/bounds.ts'

const fault = (kind: Fault['kind'], from: number, to = from): Fault => ({ kind, box: 'web1', from, to })
const isFine = (from: number, to: number, ...faults: readonly Fault[]) =>
  checkTwoHolders([{ from, to }], faults).length === 0

test('two holders for longer than a claim takes to be obeyed are a problem, told with their bound', () => {
  assert.ok(isFine(1_000, 1_090))
  assert.deepEqual(checkTwoHolders([{ from: 1_000, to: 1_150 }], []), [
    'two holders for 150 ms, bound 100 ms (a claim is delivered and obeyed)',
  ])
})

test('an engine that is killed excuses nothing', () => {
  assert.ok(!isFine(1_000, 1_150, fault('kill', 900, 3_000)))
})

test('a partition excuses two masters until an advert is heard again and obeyed, and no longer', () => {
  const cut = fault('adverts-in', 1_000, 5_000)
  assert.ok(isFine(1_400, 5_190, cut))
  assert.ok(isFine(1_400, 5_290, cut))
  assert.ok(!isFine(1_400, 5_310, cut))
  assert.ok(!isFine(800, 2_000, cut), 'what began before it is not excused')
})

test('a frozen engine that is preempted closes when its lease ends', () => {
  const freeze = fault('freeze', 1_000, 5_000)
  assert.ok(isFine(1_050, 1_480, freeze))
  assert.ok(!isFine(1_050, 1_500, freeze))
  assert.ok(!isFine(6_000, 6_200, freeze))
})

test('a flush excuses two holders only while no engine can put the gate back', () => {
  const flush = fault('nft-flush', 1_000)
  assert.ok(!isFine(1_100, 1_900, flush))
  assert.ok(isFine(1_100, 4_000, flush, fault('kill', 900, 3_000)))
  assert.ok(!isFine(1_100, 1_900, flush, { ...fault('kill', 900, 3_000), box: 'web2' }))
})

test('there is a lease: without one every bound here would be another', () => {
  assert.ok(LEASE_MS > 2 * INTERVAL_MS && LEASE_MS < 4 * INTERVAL_MS, `${LEASE_MS}`)
})
