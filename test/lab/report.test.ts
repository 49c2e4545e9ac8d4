import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientView } from '../../src/lab/measure.ts'
import { drawTopology, TABLE_FOOT, TABLE_HEAD, tableRows, WIDTH } from '../../src/lab/report.ts'
import { planTopology } from '../../src/lab/topology.ts'

const view: ClientView = { sent: 412, lost: 31, outageMs: 330, slowestMs: 3, path: ['web1', 'web2'] }

test('the drawing names every host with its address, in 80 columns', () => {
  const lines = drawTopology(planTopology('x', ['web1', 'web2', 'client']), '192.0.2.100')
  for (const text of ['web1 192.0.2.11', 'web2 192.0.2.12', 'client 192.0.2.13', '192.0.2.100']) {
    assert.ok(
      lines.some((line) => line.includes(text)),
      text,
    )
  }
  assert.ok(lines.every((line) => line.length <= WIDTH))
})

test('the columns of the table stand below each other, in 80 columns', () => {
  const longest = 'nginx hangs (SIGSTOP), port still open'
  const there: ClientView = { ...view, path: ['web1', 'web2', 'web1'] }
  const rows = tableRows([
    { scenario: 1, title: longest, remark: undefined, view: there },
    { scenario: 1, title: 'repaired', remark: 'word '.repeat(40), view },
  ])
  assert.deepEqual([rows[0]?.length, rows[1]?.length], [WIDTH, WIDTH])
  assert.ok(rows.length > 3 && rows.every((line) => line.length <= WIDTH), 'the remark is wrapped')
  assert.equal(rows[0]?.indexOf('web1 >'), TABLE_HEAD[0]?.indexOf('served by'))
  assert.match(rows[0] ?? '', /^1 {2}nginx hangs .* web1 > web2 > web1 +412 +31 +330 ms$/)
  assert.match(rows[1] ?? '', /^ {3}repaired/, 'the number stands once')
  assert.ok([...TABLE_HEAD, ...TABLE_FOOT].every((line) => line.length <= WIDTH))
})

test('a time in which nobody served is shown as that', () => {
  assert.match(
    tableRows([{ scenario: 1, title: 't', remark: undefined, view: { ...view, path: [] } }])[0] ?? '',
    /nobody/,
  )
})
