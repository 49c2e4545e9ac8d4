import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followPace, lateAfter, type Pace, paceWarnings, unknownPace } from '../../../src/engine/core/pace.ts'
import { fromMillis, fromSeconds, type Micros, micros, plus } from '../../../src/shared/units.ts'
import { planFor } from './support.ts'

const plan = planFor('web1')
const START = fromSeconds(100)

type Heard = { pace: Pace; now: Micros; told: string[] }

const start = (): Heard => ({
  pace: followPace(plan, unknownPace, { kind: 'start', now: START }).pace,
  now: START,
  told: [],
})

/** Timers 100 ms apart, each this late. */
function timers(heard: Heard, ...lates: readonly number[]): void {
  for (const late of lates) {
    heard.now = plus(heard.now, fromMillis(100))
    const step = followPace(plan, heard.pace, { kind: 'timer', now: heard.now, late: fromMillis(late) })
    heard.pace = step.pace
    for (const action of step.actions) if (action.kind === 'log') heard.told.push(action.record.code)
  }
}

const calm = (count: number): number[] => Array.from({ length: count }, () => 1)
const late = (count: number): number[] => Array.from({ length: count }, () => 400)

test('a sixth of an advert is late, without a channel', () => assert.equal(lateAfter(plan), micros(fromSeconds(1) / 6)))

test('one timer in ten late, for a period: told once, shown for as long as it lasts', () => {
  const heard = start()
  timers(heard, ...calm(89), ...late(11))
  assert.deepEqual(heard.told, ['engine.behind'])
  assert.match(
    paceWarnings(heard.pace)[0]?.message ?? '',
    /cannot keep up \(11 of 100 timers of the last 10s were late, by up to 400ms\)/,
  )
  timers(heard, ...late(100))
  assert.deepEqual(heard.told, ['engine.behind'])
  assert.match(paceWarnings(heard.pace)[0]?.message ?? '', /100 of 100/)
})

test('a stall, and a few late timers among many, are nothing to tell', () => {
  const heard = start()
  timers(heard, ...calm(50), 3_000, ...calm(149))
  timers(heard, ...late(4), ...calm(96), ...late(9), ...calm(91))
  assert.deepEqual([heard.told, paceWarnings(heard.pace)], [[], []])
})

test('it is over after a period in which no timer was late', () => {
  const heard = start()
  timers(heard, ...late(100), ...late(1), ...calm(99))
  assert.deepEqual([heard.told, paceWarnings(heard.pace).length], [['engine.behind'], 1])
  timers(heard, ...calm(100))
  assert.deepEqual([heard.told, paceWarnings(heard.pace)], [['engine.behind', 'engine.keeps-up'], []])
})

test('only timers count, and a start begins anew', () => {
  const heard = start()
  timers(heard, ...late(100))
  assert.equal(
    followPace(plan, heard.pace, { kind: 'advert-sent', now: heard.now, instance: 'www', at: heard.now, id: 1 }).pace,
    heard.pace,
  )
  assert.deepEqual(followPace(plan, heard.pace, { kind: 'start', now: heard.now }).pace, {
    ...unknownPace,
    since: heard.now,
  })
})
