import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familyOf } from '../../src/probes/kill-tree.ts'
import type { ProcessEntry } from '../../src/probes/process-table.ts'

const entry = (pid: number, parent: number, session: number): ProcessEntry => ({
  pid,
  parent,
  session,
  comm: 'sh',
  state: 'S',
  startTime: '1',
})

/** 10 is the command; 14 to 16 are a daemon that it has let go of; 17 and 18 have nothing to do with it. */
const TABLE = [
  entry(12, 11, 11),
  entry(13, 1, 11),
  entry(10, 2, 10),
  entry(11, 10, 11),
  entry(19, 1, 10),
  entry(14, 1, 14),
  entry(15, 14, 14),
  entry(16, 14, 14),
  entry(17, 2, 2),
  entry(18, 1, 18),
]

test('children and sessions of a command belong to it, also orphans in them; a daemon does not', () => {
  const { pids, sessions } = familyOf(10, TABLE)
  assert.deepEqual([...pids].sort(), [10, 11, 12, 13, 19])
  assert.deepEqual([...sessions].sort(), [10, 11])
})

test('what was known stays, also when those between have ended', () => {
  const before = familyOf(10, TABLE)
  const { pids } = familyOf(10, [entry(13, 1, 11), entry(20, 13, 11), entry(21, 12, 21)], before)
  assert.ok(pids.has(20) && pids.has(21))
})

test('who is not listed is still ended by its group', () => {
  assert.deepEqual([...familyOf(10, []).pids], [10])
})
