import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sample } from '../../../bench/holders/measure.ts'
import { isMet, mediansOf, type Row, renderTable } from '../../../bench/holders/table.ts'

const sample = (values: Partial<Sample> = {}): Sample => ({
  twoMs: 0,
  noneMs: 300,
  outageMs: 310,
  closedAfterMs: 20,
  healOutageMs: undefined,
  lookedMs: 10_000,
  blindMs: 20,
  recovered: true,
  ...values,
})

const row = (haup: readonly Sample[], goal: Row['goal'] = 'closed-in-50ms'): Row => ({
  scenario: 'engine killed',
  intervalMs: 100,
  goal,
  samples: { haup, keepalived: [sample({ twoMs: 6_400.4 })] },
})

test('a median is the middle one, or the mean of the two in the middle', () => {
  const of = (...values: readonly number[]) => mediansOf(values.map((twoMs) => sample({ twoMs }))).twoMs
  assert.equal(of(5, 1, 100), 5)
  assert.equal(of(4, 1, 100, 8), 6)
  assert.equal(of(10, 9, 100), 10)
  assert.equal(mediansOf([sample()]).healOutageMs, undefined)
})

test('a goal is missed when a median is, or when the client was not served in the end', () => {
  assert.ok(isMet(row([sample()])))
  assert.ok(!isMet(row([sample({ closedAfterMs: 100 })])))
  assert.ok(!isMet(row([sample({ twoMs: 30 })])))
  assert.ok(!isMet(row([sample({ recovered: false })])))
  assert.ok(!isMet(row([sample({ healOutageMs: 300 })], 'heal-in-200ms')))
})

test('both kinds stand beside each other, in columns', () => {
  const lines = renderTable([row([sample()]), row([sample({ recovered: false })])])
  const bars = lines
    .filter((line) => line.includes('|'))
    .map((line) => [...line.matchAll(/\|/g)].map(({ index }) => index))
  assert.equal(new Set(bars.map((each) => each.slice(0, 3).join())).size, 1)
  assert.match(lines[3] ?? '', /^engine killed +100 ms \| +0 +300 +310 +- \| +6400 .* met$/)
  assert.match(lines[4] ?? '', /never +never .* MISSED$/)
})
