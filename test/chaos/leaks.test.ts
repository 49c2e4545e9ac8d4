import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLeaks, type Usage, usageOf } from './support/leaks.ts'

const usage = (pid: number, descriptors: number, residentMb = 70): Usage => ({
  pid,
  box: 'web1',
  descriptors,
  residentMb,
})

test('descriptors that grow in one process are a leak, those of another process are not', () => {
  assert.deepEqual(checkLeaks([usage(1, 20), usage(1, 24), usage(2, 40)]), [])
  assert.deepEqual(checkLeaks([usage(1, 20), usage(1, 25)]), ['the engine on web1 has 25 descriptors, had 20'])
})

test('memory beyond what an engine ever needs is a leak', () => {
  assert.deepEqual(checkLeaks([usage(1, 20, 250)]), ['the engine on web1 has 250 MB resident'])
})

test('this process has descriptors and memory', () => {
  const { descriptors, residentMb } = usageOf({ box: 'web1', pid: process.pid })
  assert.ok(descriptors > 3 && residentMb > 10)
})
