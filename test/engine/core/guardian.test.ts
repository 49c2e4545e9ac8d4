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

const repairedAt = (before: Guardian, now: Micros): Guardian => onRepaired(onLost(before, now).guardian).guardian

/** So many removals, each put back at once. */
const after = (removals: number): Guardian =>
  Array.from({ length: removals }).reduce<Guardian>((guardian) => repairedAt(guardian, ZERO), calmGuardian)

test('what is missing is put back at once, and reported once', () => {
  const first = onLost(calmGuardian, ZERO)
  assert.equal(first.order, 'repair')
  assert.equal(onLost(first.guardian, ZERO).order, undefined)
  assert.equal(onLost(onRepaired(first.guardian).guardian, ZERO).order, 'repair')
})

test('after five repairs within ten seconds: a second later, and it is said once', () => {
  const often = after(QUICK_REPAIRS)
  const step = onLost(often, fromMillis(10))
  assert.deepEqual([step.order, step.changed], [undefined, 'slowed'])
  assert.equal(guardianDeadline(step.guardian), PAUSE)
  assert.equal(onTime(step.guardian, minus(PAUSE, fromMillis(1))).order, undefined)
  const due = onTime(step.guardian, PAUSE)
  assert.deepEqual([due.order, due.changed], ['repair', undefined])
  const again = onLost(onRepaired(due.guardian).guardian, plus(PAUSE, fromMillis(1)))
  assert.deepEqual([again.order, again.changed], [undefined, undefined])
})

test('when it has been quiet for long enough, that is said and repairs are quick again', () => {
  const slowed = onRepaired(onTime(onLost(after(QUICK_REPAIRS), ZERO).guardian, PAUSE).guardian).guardian
  const at = guardianDeadline(slowed)
  assert.equal(at, WINDOW)
  const step = onTime(slowed, WINDOW)
  assert.equal(step.changed, 'quiet')
  assert.equal(guardianDeadline(step.guardian), undefined)
  assert.equal(onLost(step.guardian, WINDOW).order, 'repair')
})

test('what cannot be put back is tried again twice and given up then', () => {
  let step = onLost(calmGuardian, ZERO)
  let now = ZERO
  for (const pause of RETRY_AFTER) {
    step = onRepairFailed(step.guardian, now)
    assert.equal(step.order, undefined)
    now = plus(now, pause)
    assert.equal(guardianDeadline(step.guardian), now)
    step = onTime(step.guardian, now)
    assert.equal(step.order, 'repair')
  }
  assert.equal(onRepairFailed(step.guardian, now).order, 'give-up')
})

test('a success ends the row of failures', () => {
  const failed = onTime(onRepairFailed(onLost(calmGuardian, ZERO).guardian, ZERO).guardian, fromMillis(100))
  const lostAgain = onLost(onRepaired(failed.guardian).guardian, fromMillis(100))
  assert.equal(onRepairFailed(lostAgain.guardian, fromMillis(100)).order, undefined)
  assert.equal(onRepairFailed(lostAgain.guardian, fromMillis(100)).guardian.failures, 1)
})

test('who is no master puts nothing back', () => {
  const waiting = onLost(after(QUICK_REPAIRS), fromMillis(1)).guardian
  assert.equal(onTime(atRest(waiting), PAUSE).order, undefined)
})

test('however often it is taken away: no more than the quick ones and one each second', () => {
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
        take(onLost(guardian, now))
      }
      for (const [index, at] of repairs.entries()) {
        const within = repairs.slice(0, index).filter((earlier) => earlier > minus(at, WINDOW))
        const last = within.at(-1)
        assert.ok(within.length < QUICK_REPAIRS || last === undefined || minus(at, last) >= PAUSE)
      }
    }),
  )
})
