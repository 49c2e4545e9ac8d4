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

test('where adverts are eaten ARP tells who lets go, and that has a bound', () => {
  const cut = fault('adverts-in', 1_000, 5_000)
  assert.ok(isFine(1_400, 2_840, cut))
  assert.ok(!isFine(1_400, 2_860, cut))
  assert.ok(!isFine(9_000, 9_300, cut), 'long after it there is no excuse')
})

test('after a partition the next advert settles it', () => {
  const blocked = fault('blocked', 1_000, 5_000)
  assert.ok(isFine(5_000, 5_190, blocked))
  assert.ok(!isFine(5_000, 5_210, blocked))
})

test('a frozen engine that is preempted closes when its lease ends', () => {
  const freeze = fault('freeze', 1_000, 5_000)
  assert.ok(isFine(1_050, 1_480, freeze))
  assert.ok(!isFine(1_050, 1_500, freeze))
  assert.ok(!isFine(6_000, 6_200, freeze))
})

test('of several faults the widest bound counts', () => {
  assert.ok(isFine(1_050, 1_480, fault('blocked', 900, 1_100), fault('freeze', 1_000, 5_000)))
})

test('a flush excuses two holders only while no engine can put the gate back', () => {
  const flush = fault('nft-flush', 1_000)
  assert.ok(!isFine(1_100, 1_900, flush))
  assert.ok(isFine(1_100, 4_000, flush, fault('kill', 900, 3_000)))
  assert.ok(!isFine(1_100, 1_900, flush, { ...fault('kill', 900, 3_000), box: 'web2' }))
  assert.ok(!isFine(800, 4_000, flush, fault('kill', 900, 3_000)), 'what began before it is not excused')
})

test('there is a lease: without one every bound here would be another', () => {
  assert.ok(LEASE_MS > 2 * INTERVAL_MS && LEASE_MS < 4 * INTERVAL_MS, `${LEASE_MS}`)
})
