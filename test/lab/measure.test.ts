import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ClientRequest, measure } from '../../src/lab/measure.ts'

/** One request each 10 ms from 0 on: a letter names who served it, a dot is a lost one. */
const requests = (pattern: string): ClientRequest[] =>
  [...pattern].map((letter, index) => ({
    start: index * 10,
    end: index * 10 + 2,
    servedBy: letter === '.' ? undefined : letter,
  }))

test('a period without loss has no outage, whoever served', () => {
  const view = measure(requests('aaabbb'), 0, 60)
  assert.deepEqual(view, { sent: 6, lost: 0, outageMs: 0, slowestMs: 2, path: ['a', 'b'] })
})

test('the outage lasts from the last request served before to the first one served after', () => {
  const view = measure(requests('aa...bb'), 0, 70)
  assert.equal(view.lost, 3)
  assert.equal(view.outageMs, 40)
})

test('of two gaps the longer one counts', () => {
  assert.equal(measure(requests('a.a...b.b'), 0, 90).outageMs, 40)
})

test('a gap at an end of the period counts up to that end', () => {
  assert.equal(measure(requests('a..'), 0, 35).outageMs, 35)
  assert.equal(measure(requests('..a'), 0, 30).outageMs, 20)
  assert.equal(measure(requests('...'), 0, 30).outageMs, 30)
})

test('requests that started outside of the period do not count', () => {
  const view = measure(requests('.aabc.'), 10, 50)
  assert.deepEqual([view.sent, view.lost], [4, 0])
  assert.deepEqual(view.path, ['a', 'b', 'c'])
})

test('the order of reporting is irrelevant, and an outage implies a loss', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(pattern, (letters) => {
      const sorted = requests(letters.join(''))
      const period = letters.length * 10
      const view = measure(sorted, 0, period)
      assert.deepEqual(measure(sorted.toReversed(), 0, period), view)
      assert.equal(view.outageMs > 0, view.lost > 0)
      assert.ok(view.outageMs <= period)
    }),
  )
})
