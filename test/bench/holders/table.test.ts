import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sample } from '../../../bench/holders/measure.ts'
import { mediansOf } from '../../../bench/holders/medians.ts'
import { isMet, type Row, renderTable } from '../../../bench/holders/table.ts'

const sample = (values: Partial<Sample> = {}): Sample => ({
  twoMs: 0,
  noneMs: 80,
  outageMs: 90,
  closedAfterMs: 20,
  healOutageMs: undefined,
  lookedMs: 10_000,
  blindMs: 20,
  recovered: true,
  ...values,
})

const row = (haup: readonly Sample[], goal: Row['goal'] = 'replaced-in-100ms'): Row => ({
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
  assert.ok(!isMet(row([sample({ outageMs: 130 })])))
  assert.ok(!isMet(row([sample({ healOutageMs: 300 })], 'heal-in-200ms')))
  assert.ok(!isMet(row([sample({ outageMs: 80 })], 'replaced-in-50ms')))
  assert.ok(!isMet(row([sample({ outageMs: 30 })], 'undisturbed')))
})

test('both kinds stand beside each other, in columns, and the title says what haup had', () => {
  const rows = [row([sample()]), row([sample({ recovered: false })])]
  const lines = renderTable(rows, { channel: false, secondLine: false })
  const bars = lines
    .filter((line) => line.includes('|'))
    .map((line) => [...line.matchAll(/\|/g)].map(({ index }) => index))
  assert.equal(new Set(bars.map((each) => each.slice(0, 4).join())).size, 1)
  assert.equal(lines[0], 'one LAN, haup without its peer channel')
  assert.match(
    lines[5] ?? '',
    /^engine killed +100 ms \| +0 +80 +90 +- \| +6400 .* 81 +1 \| .* met \(closed after 20\)$/,
  )
  assert.match(lines[6] ?? '', /never +never .* MISSED/)
})

test('below the resolution a ratio says nothing', () => {
  const of = (ours: number, theirs: number): string | undefined => {
    const rows = [row([sample({ twoMs: 0, noneMs: ours })])].map((each) => ({
      ...each,
      samples: { ...each.samples, keepalived: [sample({ twoMs: 0, noneMs: theirs })] },
    }))
    return / (\S+) +1 \|/.exec(renderTable(rows, { channel: true, secondLine: true })[5] ?? '')?.[1]
  }
  assert.deepEqual([of(0, 10), of(3, 40), of(100, 20)], ['1', '4.0', '0.2'])
})
