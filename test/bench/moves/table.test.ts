import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANES } from '../../../bench/moves/kinds.ts'
import type { LaneResult } from '../../../bench/moves/lane.ts'
import type { Move } from '../../../bench/moves/outcome.ts'
import { isMet, renderTable, rowsOf } from '../../../bench/moves/table.ts'

const move = (values: Partial<Move> = {}): Move => ({
  connections: 100,
  failed: 0,
  slow: 0,
  retransmitted: 0,
  gapMs: 10,
  moveMs: 20,
  commandMs: 100,
  ...values,
})

/** All lanes, each with the same moves of each kind. */
const results = (of: (kind: string) => readonly Move[]): readonly LaneResult[] =>
  LANES.map((lane) => ({ lane, moves: new Map(lane.moves.map((kind) => [kind, of(lane.kind)])) }))

test('pairs that did the same make one row', () => {
  const rows = rowsOf([...results(() => [move()]), ...results(() => [move({ failed: 1 })])])
  assert.equal(rows.length, LANES.flatMap(({ moves }) => moves).length)
  assert.ok(rows.every(({ moves }) => moves.length === 2))
})

test('a failed connection or one that was sent again misses the goal, for haup alone', () => {
  for (const loss of [{ failed: 1 }, { slow: 1 }, { retransmitted: 1 }]) {
    const rows = rowsOf(results((kind) => [move(), move(loss), move({ connections: kind.length })]))
    assert.deepEqual(
      new Set(rows.map((row) => `${row.lane.kind} ${isMet(row)}`)),
      new Set(['haup false', 'keepalived true']),
    )
  }
  assert.ok(rowsOf(results(() => [move()])).every(isMet))
  assert.ok(!rowsOf(results(() => [])).every(isMet))
})

test('ratios stand in the rows of keepalived: by what haup does for the same', () => {
  const rows = rowsOf(results((kind) => [kind === 'haup' ? move() : move({ gapMs: 620, moveMs: 30 })]))
  const lines = renderTable(rows)
  assert.match(lines.find((line) => /^stop .*keepalived 1000 ms/.test(line)) ?? '', /62\.0 x, 1\.5 x \|$/)
  assert.match(lines.find((line) => line.startsWith('haup failover ')) ?? '', / 10 \/ 10 .* met$/)
})
