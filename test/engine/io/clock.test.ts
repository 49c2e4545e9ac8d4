import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bootMoment } from '../../../src/engine/io/boot-clock.ts'
import { createClock, now, wholeMillis } from '../../../src/engine/io/clock.ts'
import { fromMillis, fromSeconds, micros, plus, toSeconds } from '../../../src/shared/units.ts'

test('the time since the boot goes on from one process to the next', () => {
  const first = bootMoment() ?? assert.fail('no boot')
  assert.match(first.id, /^[0-9a-f-]{36}$/)
  const script = "console.log(require('node:os').uptime())"
  const later = Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
  assert.ok(later >= toSeconds(first.at) && later < toSeconds(first.at) + 30, `${later} s`)
})

test('now is CLOCK_MONOTONIC in whole microseconds', () => {
  const [before, at, after] = [process.hrtime.bigint(), now(), process.hrtime.bigint()]
  assert.ok(Number.isInteger(at))
  assert.ok(BigInt(at) >= before / 1_000n && BigInt(at) <= after / 1_000n)
})

test('wakes once, never before the deadline', async () => {
  const clock = createClock()
  for (const wait of [0.2, 1, 2.5, 7.9]) {
    const deadline = plus(clock.now(), fromMillis(wait))
    const woken = await new Promise<number>((resolve) => clock.wakeAt(deadline, () => resolve(clock.now())))
    assert.ok(woken >= deadline, `${wait} ms: woken ${deadline - woken} us early`)
  }
})

test('a deadline in the past wakes at the next turn, not within the call', async () => {
  const clock = createClock()
  let called = false
  const woken = new Promise<void>((resolve) =>
    clock.wakeAt(micros(0), () => {
      called = true
      resolve()
    }),
  )
  assert.equal(called, false)
  await woken
})

test('arming again replaces the deadline; undefined disarms', async () => {
  const clock = createClock()
  const woken: string[] = []
  await new Promise<void>((resolve) => {
    clock.wakeAt(plus(clock.now(), fromMillis(1)), () => woken.push('first'))
    clock.wakeAt(plus(clock.now(), fromMillis(3)), () => {
      woken.push('second')
      resolve()
    })
  })
  const other = createClock()
  clock.wakeAt(plus(clock.now(), fromMillis(1)), () => woken.push('disarmed'))
  clock.wakeAt(undefined, () => woken.push('never'))
  await new Promise<void>((resolve) => other.wakeAt(plus(other.now(), fromMillis(5)), resolve))
  assert.deepEqual(woken, ['second'])
})

test('a deadline that moves away is kept to the end, one that comes nearer is not missed', async () => {
  const clock = createClock()
  const begun = clock.now()
  const woken = await new Promise<string>((resolve) => {
    clock.wakeAt(plus(begun, fromMillis(2)), () => resolve('too soon'))
    clock.wakeAt(plus(begun, fromMillis(60_000)), () => resolve('too late'))
    clock.wakeAt(plus(begun, fromMillis(20)), () => resolve('the last one'))
  })
  assert.equal(woken, 'the last one')
  const took = clock.now() - begun
  assert.ok(took >= 20_000 && took < 10_000_000, `${took} us`)
})

test('the delay is at least 1 ms and at most what a timer keeps', () => {
  assert.equal(wholeMillis(micros(0)), 1)
  assert.equal(wholeMillis(micros(-5_000)), 1)
  assert.equal(wholeMillis(micros(1)), 1)
  assert.equal(wholeMillis(micros(1_001)), 2)
  assert.equal(wholeMillis(fromSeconds(60 * 86_400)), 2 ** 31 - 1)
})

test('a deadline beyond the longest timer does not wake at once', async () => {
  const clock = createClock()
  let woken = false
  clock.wakeAt(plus(clock.now(), fromSeconds(60 * 86_400)), () => {
    woken = true
  })
  await new Promise((resolve) => setTimeout(resolve, 5))
  clock.wakeAt(undefined, () => undefined)
  assert.equal(woken, false)
})

test('a timer runs once, and a cancelled one never', async () => {
  const clock = createClock()
  const ran: string[] = []
  const cancel = clock.after(fromMillis(1), () => ran.push('cancelled'))
  await new Promise<void>((resolve) => {
    clock.after(fromMillis(5), () => {
      ran.push('ran')
      resolve()
    })
    cancel()
  })
  assert.deepEqual(ran, ['ran'])
})
