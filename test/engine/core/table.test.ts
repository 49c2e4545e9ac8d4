import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Summary, Table } from '../../../src/engine/core/table.ts'
import type { Micros } from '../../../src/shared/units.ts'

const summarize = (value: number): Summary => ({
  dueAt: value % 3 === 0 ? undefined : (value as Micros),
  marks: value % 8,
})
const tableOf = (values: readonly number[]) =>
  Table.of(
    values.map((value, at) => [`i${at}`, value]),
    summarize,
  )

describe('a table', () => {
  test('is a map: the same entries in the same order, whatever is put into it', () => {
    const changes = fc.array(fc.tuple(fc.nat(60), fc.nat(1_000)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 50 }), changes, (values, puts) => {
        const map = new Map(values.map((value, at) => [`i${at}`, value]))
        let table = tableOf(values)
        for (const [at, value] of puts) {
          table = table.with(`i${at}`, value)
          if (map.has(`i${at}`)) map.set(`i${at}`, value)
        }
        assert.deepEqual([...table], [...map])
        assert.deepEqual([...table.keys()], [...map.keys()])
        assert.deepEqual([...table.values()], [...map.values()])
        assert.equal(table.size, map.size)
        const seen: [string, number][] = []
        table.forEach((value, name) => void seen.push([name, value]))
        assert.deepEqual(seen, [...map])
        for (const name of ['i0', 'i7', 'i49', 'nobody']) {
          assert.equal(table.get(name), map.get(name))
          assert.equal(table.has(name), map.has(name))
        }
      }),
    )
  })

  test('finds what is due and what is marked as a walk over all would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), fc.nat(7), fc.nat(1_000), (values, now, marks, put) => {
        const table = tableOf(values).with('i20', put)
        const all = [...table].map(([name, value]) => ({ name, ...summarize(value) }))
        const due = all.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
        assert.deepEqual(
          table.dueBy(now as Micros),
          due.map(({ name }) => name),
        )
        assert.deepEqual(
          table.marked(marks),
          all.filter((each) => (each.marks & marks) !== 0).map(({ name }) => name),
        )
        const deadlines = all.flatMap(({ dueAt }) => dueAt ?? [])
        assert.equal(table.summary.dueAt, deadlines.length === 0 ? undefined : Math.min(...deadlines))
        assert.equal(
          table.summary.marks,
          all.reduce((sum, each) => sum | each.marks, 0),
        )
      }),
    )
  })

  test('never changes, and shares what did not change with the one that follows it', () => {
    const before = tableOf(Array.from({ length: 40 }, (_, at) => at))
    const after = before.with('i20', 7)
    assert.equal(before.get('i20'), 20)
    assert.equal(after.get('i20'), 7)
    assert.equal(after.blocks[0], before.blocks[0])
    assert.notEqual(after.blocks[1], before.blocks[1])
    assert.notDeepEqual(after, before)
    assert.equal(after.with('i20', 7), after)
    assert.equal(after.with('nobody', 7), after)
  })
})
