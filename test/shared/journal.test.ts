import assert from 'node:assert/strict'
import { test } from 'node:test'
import { journalEntry, prefixedLine } from '../../src/shared/journal.ts'
import type { LogRecord } from '../../src/shared/log.ts'

const record = (changes: Partial<LogRecord> = {}): LogRecord => ({
  level: 'info',
  subject: 'www',
  code: 'vrrp.state',
  message: 'BACKUP -> MASTER',
  ...changes,
})

test('a line carries its level as syslog counts it, and no time', () => {
  const levels = (['error', 'warn', 'info', 'debug'] as const).map((level) => prefixedLine(record({ level })))
  assert.deepEqual(
    levels,
    [3, 4, 6, 7].map((priority) => `<${priority}>www: BACKUP -> MASTER [vrrp.state]`),
  )
})

test('an entry has the fields of the journal and ours', () => {
  const fields = { to: 'MASTER', 'took-ms': 4, ok: true, peer: null }
  assert.equal(
    Buffer.from(journalEntry(record({ level: 'warn', fields }))).toString(),
    'MESSAGE=www: BACKUP -> MASTER [vrrp.state]\nPRIORITY=4\nSYSLOG_IDENTIFIER=haup\nHAUP_CODE=vrrp.state\nHAUP_SUBJECT=www\n' +
      'HAUP_TO=MASTER\nHAUP_TOOK_MS=4\nHAUP_OK=true\nHAUP_PEER=null\n',
  )
})

test('a value of several lines cannot make fields of its own', () => {
  const entry = Buffer.from(journalEntry(record({ message: 'a\nPRIORITY=0' })))
  const value = 'www: a\nPRIORITY=0 [vrrp.state]'
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(value.length))
  const expected = Buffer.concat([Buffer.from('MESSAGE\n'), length, Buffer.from(`${value}\nPRIORITY=6\n`)])
  assert.deepEqual(entry.subarray(0, expected.length), expected)
})

test('names of fields are what the journal accepts', () => {
  const fields = { [`a.b ${'x'.repeat(100)}`]: 1, 'x=y\nz': 2 }
  const names = Buffer.from(journalEntry(record({ fields })))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0] ?? '')
  for (const name of names) assert.match(name, /^[A-Z][A-Z0-9_]{0,63}$/)
  assert.equal(names.length, 7)
})
