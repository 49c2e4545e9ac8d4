import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDistance, nearest } from '../../src/config/nearest.ts'

test('distance counts insertions, deletions, replacements and swaps', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['vird', 'vrid', 1],
    ['kitten', 'sitting', 3],
    ['abcd', 'abd', 1],
  ]
  for (const [a, b, distance] of cases) {
    assert.equal(editDistance(a, b), distance, `${a} ${b}`)
    assert.equal(editDistance(b, a), distance, `${b} ${a}`)
  }
})

test('the nearest word, or none', () => {
  assert.equal(nearest('prempt', ['priority', 'preempt']), 'preempt')
  assert.equal(nearest('Advert-Interval', ['advert_interval']), 'advert_interval')
  assert.equal(nearest('colour', ['vrid', 'track']), undefined)
  assert.equal(nearest('x', []), undefined)
  assert.equal(nearest('v'.repeat(10_000), ['vrid']), undefined)
})
