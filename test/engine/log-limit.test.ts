import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitLog } from '../../src/engine/log-limit.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromSeconds, type Micros, plus, ZERO } from '../../src/shared/units.ts'

function limited() {
  const lines: LogRecord[] = []
  let now: Micros = ZERO
  const waiting: { readonly at: Micros; readonly run: () => void }[] = []
  const log = limitLog(
    (record) => lines.push(record),
    () => now,
    undefined,
    (span, run) => waiting.push({ at: plus(now, span), run }),
  )
  const say = (code: string, subject = 'www', message = 'it happened', level: LogRecord['level'] = 'warn') =>
    log({ level, subject, code, message })
  const at = (seconds: number): void => {
    const until = fromSeconds(seconds)
    for (let next = waiting[0]; next !== undefined && next.at <= until; next = waiting[0]) {
      now = next.at
      waiting.shift()?.run()
    }
    now = until
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

test('what was said last is written, as soon as the pace allows', () => {
  const { lines, say, at } = limited()
  for (let count = 1; count <= 25; count += 1) say('service.notice', 'nginx', `restart ${count}`)
  assert.equal(lines.length, 20)
  at(59)
  assert.equal(lines.length, 20)
  at(61)
  assert.equal(lines.at(-1)?.message, 'restart 25 (and 4 more like it)')
  at(600)
  assert.equal(lines.length, 21)
})

test('what is well again has a line, however many troubles were left out', () => {
  const { lines, say } = limited()
  for (let count = 1; count <= 25; count += 1) say('service.notice', 'nginx')
  say('service.notice', 'nginx', 'restarted, back after 35ms', 'info')
  assert.equal(lines.at(-1)?.message, 'restarted, back after 35ms')
})
