import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { hasEnded, listProcesses, parseStat, readExecutable, readProcess } from '../../src/probes/process-table.ts'

test('a stat line whose name tries to look like fields', () => {
  const fields = '1 7 8 0 -1 4194304 0 0 0 0 1 2 3 4 20 0 1 0 98765 1000 1'
  assert.deepEqual(parseStat(`42 (a) Z 9 9 (b)) S ${fields}\n`), {
    pid: 42,
    comm: 'a) Z 9 9 (b)',
    state: 'S',
    parent: 1,
    session: 8,
    startTime: '98765',
  })
  for (const wrong of ['', '42', '42 (sh) S 1', ')(']) assert.equal(parseStat(wrong), undefined)
})

test('this process, as the kernel shows it', async () => {
  const self = await readProcess(process.pid)
  assert.equal(self?.parent, process.ppid)
  assert.equal(hasEnded(self), false)
  assert.equal(await readExecutable(process.pid), basename(process.execPath))
  assert.ok((await listProcesses()).some((entry) => entry.pid === process.pid))
})

test('a process that does not exist has ended', async () => {
  assert.equal(await readProcess(2 ** 22 + 1), undefined)
  assert.equal(hasEnded(undefined), true)
})
