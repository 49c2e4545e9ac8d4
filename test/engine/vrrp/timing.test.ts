import assert from 'node:assert/strict'
import { test } from 'node:test'
import { masterDownInterval, nextDeadline, skew } from '../../../src/engine/vrrp/timing.ts'
import type { Version } from '../../../src/engine/vrrp/types.ts'
import { configWith, drive, driveMaster, millis, seconds } from './setting.ts'

const INTERVALS: Readonly<Record<Version, readonly number[]>> = {
  2: [1_000, 2_000, 5_000, 60_000, 255_000],
  3: [10, 20, 30, 70, 100, 250, 1_000, 1_010, 3_070, 5_000, 40_950],
}

/** Ceiling of numerator / 256 in exact arithmetic. */
const ceil256 = (numerator: bigint): bigint => (numerator + 255n) / 256n

for (const version of [2, 3] as const) {
  test(`v${version}: skew and Master_Down_Interval are the exact fractions rounded up, for every priority`, () => {
    for (const ms of INTERVALS[version]) {
      const interval = BigInt(ms) * 1_000n
      for (let priority = 1; priority <= 255; priority++) {
        const base = version === 2 ? 1_000_000n : interval
        const exactSkew = ceil256(BigInt(256 - priority) * base)
        const exactDown = ceil256(3n * interval * 256n + BigInt(256 - priority) * base)
        assert.equal(BigInt(skew(version, priority, millis(ms))), exactSkew, `skew, priority ${priority}, ${ms} ms`)
        assert.equal(BigInt(masterDownInterval(version, priority, millis(ms))), exactDown, `${priority}, ${ms} ms`)
      }
    }
  })

  test(`v${version}: a higher priority always waits less, and nobody waits zero`, () => {
    for (const ms of INTERVALS[version]) {
      for (let priority = 1; priority <= 254; priority++) {
        const [low, high] = [skew(version, priority, millis(ms)), skew(version, priority + 1, millis(ms))]
        assert.ok(high < low, `priority ${priority} at ${ms} ms`)
        assert.ok(high > 0)
      }
    }
  })
}

test('the figures of the RFCs: priority 100', () => {
  assert.equal(masterDownInterval(2, 100, seconds(1)), 3_609_375)
  assert.equal(masterDownInterval(2, 100, seconds(5)), 15_609_375)
  assert.equal(masterDownInterval(3, 100, seconds(1)), 3_609_375)
  assert.equal(masterDownInterval(3, 100, seconds(5)), 18_046_875)
})

test('priority 254 at 10 ms keeps a skew below one millisecond', () => {
  assert.equal(skew(3, 254, millis(10)), 79)
})

test('the next deadline is the one timer of the phase, or the earlier one of a master', () => {
  const config = configWith({ announceAt: [millis(0), millis(400)], announceRefresh: seconds(60) })
  const idle = drive(config)
  assert.equal(nextDeadline(idle.state()), undefined)
  idle.startup(0)
  assert.equal(nextDeadline(idle.state()), 3_609_375)

  const master = driveMaster(config)
  assert.equal(nextDeadline(master.state()), 10_400_000, 'second round of announcements')
  master.timer(10.4)
  assert.equal(nextDeadline(master.state()), 11_000_000, 'next advert')
})
