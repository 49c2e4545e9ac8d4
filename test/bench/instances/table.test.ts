import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GOAL, isLinear, missedBy, missedByLoad } from '../../../bench/instances/goals.ts'
import type { Event, Figures } from '../../../bench/instances/measure.ts'
import { isMet, type Row, renderEvents, renderLoads, worstOf } from '../../../bench/instances/table.ts'

const good: Event = {
  act: 'killed',
  servedMs: 200,
  settledMs: 200,
  twoAddresses: 0,
  longestTwoMs: 0,
  longestNoneMs: 150,
  noneAddresses: 20,
  blindMs: 21,
}
const figuresOf = (cpuPercent: number, events: readonly Event[] = [good]): Figures => ({
  startedMs: 5_000,
  master: { cpuPercent, residentMb: 88, lateness: { p50: 0.2, p99: 4.7 } },
  backup: { cpuPercent: cpuPercent / 2, residentMb: 85, lateness: undefined },
  machineLoad: 1.5,
  events,
})
const keepalived: Figures = {
  startedMs: 4_000,
  master: { cpuPercent: 0.3, residentMb: 13, lateness: undefined },
  backup: { cpuPercent: 0.2, residentMb: 13, lateness: undefined },
  machineLoad: 0.4,
  events: [{ ...good, servedMs: 4_000, settledMs: undefined, twoAddresses: 20, longestTwoMs: 33_000 }],
}
const row: Row = { count: 20, figures: { haup: figuresOf(3), keepalived } }

test('an event misses what was too late, too long, or served by two', () => {
  assert.deepEqual(missedBy(good), [])
  assert.deepEqual(missedBy({ ...good, settledMs: GOAL.settledMs + 51 }), ['settled'])
  assert.deepEqual(missedBy({ ...good, settledMs: undefined, longestNoneMs: 9_000, twoAddresses: 1 }), [
    'settled',
    'none',
    'two',
  ])
})

test('both boxes have to keep to the load, and a pair has to start at all', () => {
  assert.deepEqual(missedByLoad(figuresOf(10)), [])
  assert.deepEqual(missedByLoad(figuresOf(10.1)), ['CPU'])
  const base = figuresOf(1)
  assert.deepEqual(missedByLoad({ ...base, startedMs: undefined, backup: { ...base.backup, residentMb: 131 } }), [
    'start',
    'memory',
  ])
})

test('an instance among many may be cheaper, not dearer', () => {
  const of = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([count, cpu]) => ({ count, figures: figuresOf(cpu) }))
  assert.ok(isLinear(of([20, 2], [60, 5], [255, 10])))
  assert.ok(isLinear(of([255, 10], [20, 1])), 'whatever the order')
  assert.ok(!isLinear(of([20, 1], [60, 2.9], [120, 9])))
})

test('the loads stand beside those of keepalived', () => {
  const lines = renderLoads([row])
  assert.match(
    lines.at(-3) ?? '',
    /^ {2}20 master +\| +3\.0 +0\.150 +88 +0\.2 +4\.7 +1\.5 \| +0\.3 +0\.015 +13 +0\.4 \| +10 +6\.77 \| met$/,
  )
  assert.match(lines.at(-2) ?? '', /^ {2}20 backup +\| +1\.5 +0\.075 +85 +silent +silent +1\.5 \|/)
  assert.match(lines.at(-1) ?? '', /: met$/)
})

test('an event shows the worst of its cycles, and what it misses', () => {
  const events = [good, { ...good, servedMs: 9_000, settledMs: undefined }, { ...good, longestNoneMs: 8_000 }]
  const lines = renderEvents([{ count: 20, figures: { haup: figuresOf(3, events), keepalived } }])
  assert.match(
    lines.at(-1) ?? '',
    /^ {2}20 killed +\| +9000 +never +8000 +0 +0 +21 \| +4000 +never +150 +20 +33000 +21 \| +2\.25 +53 \| MISSED: settled, none$/,
  )
  assert.equal(worstOf([]), undefined)
})

test('without keepalived there is nothing to compare with', () => {
  const lines = renderEvents([{ count: 20, figures: { haup: figuresOf(3) } }])
  assert.match(lines.at(-1) ?? '', /\|( +-){6} \|( +-){2} \| met$/)
})

test('all goals together are the exit code', () => {
  assert.ok(isMet([row]))
  assert.ok(!isMet([{ count: 20, figures: { haup: figuresOf(11), keepalived } }]))
  assert.ok(!isMet([{ count: 20, figures: { haup: figuresOf(3, [{ ...good, twoAddresses: 1 }]) } }]))
})
