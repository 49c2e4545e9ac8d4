import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCounters } from '../../src/engine/counters.ts'
import { createReceiver } from '../../src/engine/receive.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromSeconds, type Micros, plus, ZERO } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'
import { craft } from './vrrp/craft.ts'

function listening() {
  const plan = planFor('web1')
  const counters = createCounters()
  const log: LogRecord[] = []
  let now: Micros = ZERO
  const receiver = createReceiver({
    instances: () => plan.instances,
    counters: () => counters,
    now: () => now,
    dispatch: () => undefined,
    log: (record) => log.push(record),
  })
  const router = plan.instances[0]?.router ?? assert.fail()
  /** A packet that came through a router, from anywhere. */
  const stray = (i: number): void =>
    receiver.receive('eth0', craft(router, { ttl: 64, source: `198.51.${i >> 8}.${i & 255}` as Ipv4 }))
  const pass = (seconds: number): void => {
    now = plus(now, fromSeconds(seconds))
  }
  return { stray, pass, receiver, router, log, rejected: () => counters.read().rejected }
}

test('a flood with ever changing sources makes few lines, and is counted whole', () => {
  const { stray, pass, log, rejected } = listening()
  for (let i = 0; i < 10_000; i += 1) stray(i)
  assert.equal(log.length, 5)
  pass(61)
  stray(10_001)
  stray(10_002)
  assert.equal(log.length, 6)
  assert.match(log[5]?.message ?? '', /198\.51\.39\.17.*and 9995 more like it/)
  assert.deepEqual(rejected(), { ttl: 10_002 })
})

test('a change of state lets a sender be named again, within the same bounds', () => {
  const { stray, receiver, log } = listening()
  stray(1)
  stray(1)
  assert.equal(log.length, 1)
  for (let i = 0; i < 100; i += 1) {
    receiver.rearm('www')
    stray(1)
  }
  assert.equal(log.length, 5)
})

test('another kind of fault has lines of its own', () => {
  const { stray, receiver, router, log } = listening()
  for (let i = 0; i < 20; i += 1) stray(i)
  receiver.receive('eth0', craft(router, { spoil: (packet) => packet.set([9], 26) }))
  assert.deepEqual([...new Set(log.map(({ code }) => code))], ['vrrp.rejected.ttl', 'vrrp.rejected.checksum'])
})
