import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitLog } from '../../src/engine/log-limit.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromSeconds, type Micros, ZERO } from '../../src/shared/units.ts'

function limited() {
  const lines: LogRecord[] = []
  let now: Micros = ZERO
  const log = limitLog(
    (record) => lines.push(record),
    () => now,
  )
  const say = (code: string, subject = 'www') => log({ level: 'warn', subject, code, message: 'it happened' })
  const at = (seconds: number): void => {
    now = fromSeconds(seconds)
  }
  return { lines, say, at }
}

test('lines of one code about one subject: twenty at once, then one each minute that says how many there were', () => {
  const { lines, say, at } = limited()
  for (let ms = 0; ms < 600_000; ms += 100) {
    at(ms / 1_000)
    say('lan.foreign-claim')
  }
  assert.equal(lines.length, 29)
  assert.equal(lines.at(-1)?.message, 'it happened (and 599 more like it)')
})

test('another code, or subject, has its own', () => {
  const { lines, say } = limited()
  for (let count = 0; count < 100; count += 1) say('lan.foreign-claim')
  say('lan.calm')
  say('lan.foreign-claim', 'api')
  assert.deepEqual(
    lines.slice(20).map(({ subject, code }) => `${subject} ${code}`),
    ['www lan.calm', 'api lan.foreign-claim'],
  )
})

test('changes of state are bounded elsewhere', () => {
  const { lines, say } = limited()
  for (let count = 0; count < 100; count += 1) say('vrrp.state')
  assert.equal(lines.length, 100)
})
