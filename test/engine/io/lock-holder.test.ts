import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockEngine } from '../../../src/engine/io/engine-lock.ts'
import { interpretLocks, lockHolder } from '../../../src/engine/io/lock-holder.ts'

test('the process that holds the lock is found, and nobody when it is free', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'haup-lock-'))
  try {
    assert.equal(lockHolder(directory), undefined)
    const lock = await lockEngine(directory)
    assert.ok(lock.ok)
    assert.equal(lockHolder(directory), process.pid)
    lock.value.release()
    assert.equal(lockHolder(directory), undefined)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('other locks, waiters and processes of other namespaces are not taken for it', () => {
  const text = [
    '1: POSIX  ADVISORY  WRITE 11 00:1a:77 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 12 00:1a:78 0 EOF',
    '3: FLOCK  ADVISORY  WRITE 0 00:1a:79 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 14 00:1a:77 0 EOF',
    '4: FLOCK  ADVISORY  WRITE 15 08:02:77 0 EOF',
  ].join('\n')
  assert.equal(interpretLocks(text, 77), 15)
  assert.equal(interpretLocks(text, 79), undefined)
  assert.equal(interpretLocks(text, 80), undefined)
})
