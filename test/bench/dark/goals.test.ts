import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMet } from '../../../bench/dark/goals.ts'
import type { Figures } from '../../../bench/dark/measure.ts'

const figures = (gapMs: number, twoMs = 0): Figures => ({
  gapsMs: [gapMs, 0],
  lost: 0,
  sent: 1_000,
  twoMs,
  longestTwoMs: twoMs,
  noneMs: gapMs,
  longestNoneMs: gapMs,
  path: ['web1'],
  settledMs: 0,
  boxes: [],
})

test('where nobody may notice, one lost request is too many, and so are two holders', () => {
  assert.ok(isMet({ kind: 'undisturbed' }, figures(0), undefined))
  assert.ok(!isMet({ kind: 'undisturbed' }, figures(21), undefined))
  assert.ok(!isMet({ kind: 'undisturbed' }, figures(0, 20), undefined))
})

test('a bound in milliseconds is for the client who has it worst', () => {
  const goal = { kind: 'within', ms: 500 } as const
  assert.ok(isMet(goal, figures(520), undefined))
  assert.ok(!isMet(goal, figures(530), undefined))
  assert.ok(!isMet(goal, { ...figures(0), gapsMs: [0, 530] }, undefined))
  assert.ok(isMet({ ...goal, sides: 'one' }, figures(5_000), undefined), 'the other client is served')
  assert.ok(!isMet(goal, figures(0, 30), undefined))
  assert.ok(isMet({ ...goal, twoMs: 1_000 }, figures(0, 1_000), undefined))
})

test('as keepalived: its gap of the same run counts, and without it there is nothing to compare with', () => {
  const goal = { kind: 'as-keepalived' } as const
  assert.ok(isMet(goal, figures(3_000), figures(3_100)))
  assert.ok(!isMet(goal, figures(3_200), figures(3_100)))
  assert.ok(isMet(goal, figures(3_200), undefined))
})
