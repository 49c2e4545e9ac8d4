import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countReach, newReachCount } from '../../../src/engine/peer/reach-count.ts'

const limits = { rise: 2, fall: 3 }

/** One letter for each look: `.` answers, `x` does not; the result in the same form. */
function run(looks: string): string {
  let count = newReachCount
  let at = 0
  return [...looks]
    .map((look) => {
      at += 1
      count = countReach(count, { ok: look === '.', detail: `look ${at}` }, limits)
      return count.lost === undefined ? '.' : 'x'
    })
    .join('')
}

test('lost after `fall` missing answers in a row, there again after `rise`', () => {
  assert.equal(run('..xx.xxx.x..x'), '.......xxxx..')
  assert.equal(run('xxx'), '..x')
})

test('the reason is that of the last look', () => {
  const bad = (detail: string) => ({ ok: false, detail })
  const lost = countReach({ lost: undefined, against: 2 }, bad('third'), limits)
  assert.equal(lost.lost, 'third')
  assert.equal(countReach(lost, bad('fourth'), limits).lost, 'fourth')
})
