import assert from 'node:assert/strict'
import { test } from 'node:test'
import { field, formatAge, formatInstant, wrap } from '../../src/cli/layout.ts'

test('text breaks at spaces and keeps within the width', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrap('one two three', 80), ['one two three'])
  assert.deepEqual(wrap('', 10), [''])
})

test('a word that is too long is cut', () => {
  assert.deepEqual(wrap('a abcdefghij b', 4), ['a', 'abcd', 'efgh', 'ij b'])
})

test('a field hangs below its own text', () => {
  const lines = field('why', 'word '.repeat(30).trim())
  assert.ok(lines.length > 1)
  assert.match(lines[0] ?? '', /^ {2}why {8}word/)
  for (const line of lines.slice(1)) assert.match(line, /^ {13}word/)
  for (const line of lines) assert.ok(line.length <= 80)
})

for (const [seconds, text] of [
  [-1, '0.0s'],
  [0.44, '0.4s'],
  [42.9, '42s'],
  [60, '1m 0s'],
  [3_725, '1h 2m'],
  [90_000, '1d 1h'],
] as const) {
  test(`an age of ${seconds} s is ${text}`, () => assert.equal(formatAge(seconds), text))
}

test('an instant is shown to the second', () => {
  assert.equal(formatInstant('2026-03-01T12:00:03.123Z'), '2026-03-01 12:00:03 UTC')
  assert.equal(formatInstant('soon'), 'soon')
})
