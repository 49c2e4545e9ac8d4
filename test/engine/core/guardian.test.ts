import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  atRest,
  calmGuardian,
  type Guardian,
  guardianDeadline,
  onLost,
  onRepaired,
  onRepairFailed,
  onTime,
  PAUSE,
  QUICK_REPAIRS,
  RETRY_AFTER,
  WINDOW,
} from '../../../src/engine/core/guardian.ts'
import { fromMillis, type Micros, minus, plus, ZERO } from '../../../src/shared/units.ts'

const repairedAt = (before: Guardian, now: Micros): Guardian => onRepaired(onLost(before, now, false).guardian).guardian

/** So many removals, each put back at once. */
const after = (removals: number): Guardian =>
  Array.from({ length: removals }).reduce<Guardian>((guardian) => repairedAt(guardian, ZERO), calmGuardian)

test('what is missing is put back at once, and reported once', () => {
  const first = onLost(calmGuardian, ZERO, false)
  assert.equal(first.order, 'repair')
  assert.equal(onLost(first.guardian, ZERO, false).order, undefined)
  assert.equal(onLost(onRepaired(first.guardian).guardian, ZERO, false).order, 'repair')
})

test('after five repairs within ten seconds: after a pause, and it is said once', () => {
  const often = after(QUICK_REPAIRS)
  const step = onLost(often, fromMillis(10), false)
  assert.deepEqual([step.order, step.changed], [undefined, 'slowed'])
  assert.equal(guardianDeadline(step.guardian), PAUSE)
  assert.equal(onTime(step.guardian, minus(PAUSE, fromMillis(1))).order, undefined)
  const due = onTime(step.guardian, PAUSE)
  assert.deepEqual([due.order, due.changed], ['repair', undefined])
  const again = onLost(onRepaired(due.guardian).guardian, plus(PAUSE, fromMillis(1)), false)
  assert.deepEqual([again.order, again.changed], [undefined, undefined])
})

test('when it has been quiet for long enough, that is said and repairs are quick again', () => {
  const slowed = onRepaired(onTime(onLost(after(QUICK_REPAIRS), ZERO, false).guardian, PAUSE).guardian).guardian
  const at = guardianDeadline(slowed)
  assert.equal(at, WINDOW)
  const step = onTime(slowed, WINDOW)
  assert.equal(step.changed, 'quiet')
  assert.equal(guardianDeadline(step.guardian), undefined)
  assert.equal(onLost(step.guardian, WINDOW, false).order, 'repair')
})

test('what cannot be put back is tried again twice and given up then', () => {
  let step = onLost(calmGuardian, ZERO, false)
  let now = ZERO
  for (const pause of RETRY_AFTER) {
    step = onRepairFailed(step.guardian, now, false)
    assert.equal(step.order, undefined)
    now = plus(now, pause)
    assert.equal(guardianDeadline(step.guardian), now)
    step = onTime(step.guardian, now)
    assert.equal(step.order, 'repair')
  }
  assert.equal(onRepairFailed(step.guardian, now, false).order, 'give-up')
})

test('after five repairs within ten seconds it is given up, when another node can serve; a claim begins afresh', () => {
  const often = after(QUICK_REPAIRS)
  assert.equal(onLost(after(QUICK_REPAIRS - 1), fromMillis(10), true).order, 'repair')
  const step = onLost(often, fromMillis(10), true)
  assert.equal(step.order, 'give-up')
  assert.equal(onLost(step.guardian, fromMillis(20), true).order, 'repair')
  assert.equal(onLost(often, plus(WINDOW, fromMillis(1)), true).order, 'repair', 'these were long ago')
})

test('what cannot be put back is given up at once, when another node can serve', () => {
  const lost = onLost(calmGuardian, ZERO, true)
  assert.equal(onRepairFailed(lost.guardian, fromMillis(1), true).order, 'give-up')
})

test('a success ends the row of failures', () => {
  const failed = onTime(
    onRepairFailed(onLost(calmGuardian, ZERO, false).guardian, ZERO, false).guardian,
    fromMillis(100),
  )
  const lostAgain = onLost(onRepaired(failed.guardian).guardian, fromMillis(100), false)
  assert.equal(onRepairFailed(lostAgain.guardian, fromMillis(100), false).order, undefined)
  assert.equal(onRepairFailed(lostAgain.guardian, fromMillis(100), false).guardian.failures, 1)
})

test('who is no master puts nothing back', () => {
  const waiting = onLost(after(QUICK_REPAIRS), fromMillis(1), false).guardian
  assert.equal(onTime(atRest(waiting), PAUSE).order, undefined)
})

test('however often it is taken away: no more than the quick ones, and one after each pause', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(gaps, (list) => {
      const repairs: Micros[] = []
      let now = ZERO
      let guardian = calmGuardian
      const take = (step: { readonly guardian: Guardian; readonly order: unknown }): void => {
        guardian = step.guardian
        if (step.order !== 'repair') return
        repairs.push(now)
        guardian = onRepaired(guardian).guardian
      }
      for (const gap of list) {
        const next = plus(now, fromMillis(gap))
        for (let due = guardianDeadline(guardian); due !== undefined && due <= next; due = guardianDeadline(guardian)) {
          now = due > now ? due : now
          take(onTime(guardian, now))
        }
        now = next
        take(onLost(guardian, now, false))
      }
      for (const [index, at] of repairs.entries()) {
        const within = repairs.slice(0, index).filter((earlier) => earlier > minus(at, WINDOW))
        const last = within.at(-1)
        assert.ok(within.length < QUICK_REPAIRS || last === undefined || minus(at, last) >= PAUSE)
      }
    }),
  )
})
