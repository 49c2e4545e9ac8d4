import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Figures } from '../../../bench/dark/measure.ts'
import { ROWS } from '../../../bench/dark/rows.ts'
import { type Result, renderBoxes, renderTable } from '../../../bench/dark/table.ts'

const haup: Figures = {
  gapsMs: [9_467, 0],
  lost: 900,
  sent: 3_000,
  twoMs: 0,
  longestTwoMs: 0,
  noneMs: 9_451,
  longestNoneMs: 9_451,
  path: ['web1', 'web2', 'web1'],
  settledMs: undefined,
  boxes: [
    {
      box: 'web1',
      exit: 3,
      state: 'FAULT',
      reason: 'cut off',
      warnings: ['closed by the gate'],
      logLines: 7,
      stateChanges: 2,
    },
  ],
}
const result: Result = { name: 'x', title: 'reports lost', goal: { kind: 'undisturbed' }, figures: { haup } }

test('a row shows what was measured, what was not, and whether the goal is met', () => {
  const line = renderTable([result]).at(-1) ?? ''
  assert.match(line, /^reports lost +\| +9467 +0 +9451 +0 +2 +never \|( +-){6} \| nobody notices: MISSED$/)
})

test('what a box said stands below, with its warnings', () => {
  assert.deepEqual(renderBoxes(result), [
    'reports lost:',
    '  web1: status 3, FAULT (cut off); 7 log lines, 2 changes of state',
    '    warning: closed by the gate',
  ])
})

test('each row has a name of its own', () => {
  assert.equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length)
})
