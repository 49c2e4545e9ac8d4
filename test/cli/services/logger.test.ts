import assert from 'node:assert/strict'
import { fstatSync } from 'node:fs'
import { test } from 'node:test'
import { chooseLogFormat, createLogger, statStdout } from '../../../src/cli/services/logger.ts'
import { createDatagramSender } from '../../../src/engine/io/unix-datagram.ts'
import type { LogRecord } from '../../../src/shared/log.ts'
import { receiveDatagrams } from '../../support/unix-datagrams.ts'

const record: LogRecord = { level: 'warn', subject: 'www', code: 'x.y', message: 'hello' }

test("the format is the journal's when stdout goes there", () => {
  const stdout = { dev: 12, ino: 345 }
  assert.equal(chooseLogFormat({ JOURNAL_STREAM: '12:345' }, stdout), 'journal')
  assert.equal(chooseLogFormat({}, stdout), 'text')
  for (const stream of ['', '12:346', '12:3456', 'x']) {
    assert.equal(chooseLogFormat({ JOURNAL_STREAM: stream }, stdout), 'text', stream)
  }
  const { dev, ino } = fstatSync(1)
  assert.equal(chooseLogFormat({ JOURNAL_STREAM: `${dev}:${ino}` }, statStdout()), 'journal')
})

test('records go to the journal as entries, and nothing to stdout', async (t) => {
  const journal = await receiveDatagrams(t)
  const log = createLogger('journal', {
    debug: false,
    write: () => assert.fail('written'),
    journal: { socket: journal.name, send: createDatagramSender() },
  })
  log({ ...record, level: 'debug' })
  log(record)
  assert.match((await journal.next()).toString(), /^MESSAGE=www: hello \[x\.y\]\nPRIORITY=4\n(.*\n)*HAUP_CODE=x\.y\n/)
})

test("without the journal's socket they go to stdout, with their level in front", () => {
  const written: string[] = []
  const journal = { socket: '@haup-test-no-journal', send: createDatagramSender() }
  const log = createLogger('journal', { debug: true, write: (text) => written.push(text), journal })
  log(record)
  log({ ...record, level: 'debug' })
  assert.deepEqual(written, ['<4>www: hello [x.y]\n', '<7>www: hello [x.y]\n'])
})

test('text and JSON carry their own time', () => {
  const written: string[] = []
  const write = (text: string): void => {
    written.push(text)
  }
  createLogger('text', { debug: false, write })(record)
  createLogger('json', { debug: false, write })(record)
  assert.match(written[0] ?? '', /^\d{4}-\d\d-\d\dT.*Z WARN www: hello \[x\.y\]\n$/)
  assert.partialDeepStrictEqual(JSON.parse(written[1] ?? ''), { level: 'warn', code: 'x.y' })
})
