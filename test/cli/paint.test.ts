import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePaint, plain } from '../../src/cli/paint.ts'

test('colour needs a terminal and nobody who objects', () => {
  assert.equal(choosePaint(false, undefined), plain)
  assert.equal(choosePaint(true, '1'), plain)
  assert.notEqual(choosePaint(true, undefined), plain)
  assert.notEqual(choosePaint(true, ''), plain, 'no-color.org: an empty NO_COLOR does not count')
})

test('a style is switched on and off again', () => {
  assert.equal(choosePaint(true, undefined)('bad', 'x'), '\u001b[31mx\u001b[39m')
  assert.equal(plain('bad', 'x'), 'x')
})
