import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { followFile } from '../../src/lab/follow-file.ts'
import { createLineLog } from '../../src/lab/line-log.ts'

test('a line that comes in pieces is seen once, whole', async () => {
  const log = createLineLog('x')
  const awaited = log.until(/hello world/)
  log.write('first\nhello ')
  log.write('world\nlast')
  assert.equal(await awaited, 'hello world')
  assert.deepEqual(log.lines(), ['first', 'hello world'])
})

test('a line that is there already is found, unless it stands before `after`', async () => {
  const log = createLineLog('x')
  log.write('up\n')
  assert.equal(await log.until(/up/), 'up')
  const later = log.until(/up/, { after: log.position() })
  log.write('up again\n')
  assert.equal(await later, 'up again')
  assert.equal(log.count(/up/), 2)
})

test('waiting ends with the tail of the log when nothing comes, or when the log ends', async () => {
  const log = createLineLog('engine')
  log.write('only this\n')
  await assert.rejects(log.until(/other/, { withinMs: 5 }), /engine: \/other\/ not seen in 5 ms.*only this/s)
  const awaited = log.until(/other/)
  log.end('the process ended (1)')
  await assert.rejects(awaited, /\/other\/ not seen before the process ended \(1\)/)
  await assert.rejects(log.until(/other/), /the process ended/)
})

test('what is appended to a followed file arrives, and the rest when following stops', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'follow-'))
  const file = join(directory, 'log')
  writeFileSync(file, 'one\ntwo\n')
  const log = createLineLog('x')
  const stop = followFile(file, log, 'one\n'.length)
  try {
    appendFileSync(file, 'zwölf\n')
    assert.equal(await log.until(/^zw/), 'zwölf')
    appendFileSync(file, 'unfinished')
  } finally {
    stop('done')
    stop('twice is harmless')
    rmSync(directory, { recursive: true })
  }
  assert.deepEqual(log.lines(), ['two', 'zwölf', 'unfinished'])
})
