import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WIDTH } from '../../src/cli/layout.ts'
import { choosePaint } from '../../src/cli/paint.ts'
import { type Released, renderForceHeld, renderReleased } from '../../src/cli/render-by-hand.ts'

const plain = choosePaint(false, undefined)
const place = { address: '192.0.2.100/24', interface: 'eth0' }
const released = (changes: Partial<Released> = {}): Released => ({
  removed: [place],
  gate: 'removed',
  remaining: [],
  unchecked: null,
  ...changes,
})

test('what was removed, or that there was nothing', () => {
  assert.deepEqual(renderReleased(released()), ['removed 192.0.2.100/24 from eth0'])
  assert.match(renderReleased(released({ removed: [] })).join(' '), /nothing to release/)
})

test('what is left, with the command that removes it', () => {
  const closed = renderReleased(released({ remaining: [place], gate: 'closed' })).join(' ')
  assert.match(closed, /stays closed, since another box may hold it; to open it: haup cleanup --open/)
  const text = renderReleased(released({ remaining: [place] })).join(' ')
  assert.match(text, /ip addr del 192\.0\.2\.100\/24 dev eth0/)
  assert.match(renderReleased(released({ gate: 'left' })).join(' '), /should it wake up/)
  assert.match(renderReleased(released({ unchecked: 'x cannot be used' })).join(' '), /not checked .* x cannot be used/)
})

test('force-hold is loud, says what it means and how it ends, on a screen', () => {
  const lines = renderForceHeld({ held: [{ instance: 'www', ...place }] }, plain)
  assert.equal(lines[0], 'THIS BOX NOW HOLDS 192.0.2.100/24 on eth0 BY FORCE.')
  assert.ok(lines.includes('It ends with: haup release'))
  assert.ok(lines.every((line) => line.length <= WIDTH))
})
