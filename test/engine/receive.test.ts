import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstanceConfig } from '../../src/config/types.ts'
import type { EngineEvent } from '../../src/engine/core/types.ts'
import { createCounters } from '../../src/engine/counters.ts'
import { createReceiver } from '../../src/engine/receive.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromMillis, fromSeconds, type Micros, plus, ZERO } from '../../src/shared/units.ts'
import { instance, planFor, WEB2 } from './core/support.ts'
import { craft } from './vrrp/craft.ts'

function listening(changes: Partial<InstanceConfig> = {}, more: readonly string[] = []) {
  const others = more.map((name, index) => instance({ name, vrid: index + 1 }))
  const plan = planFor('web1', [instance(changes), ...others])
  const counters = createCounters()
  const log: LogRecord[] = []
  const events: EngineEvent[] = []
  let now: Micros = ZERO
  const receiver = createReceiver({
    instances: () => plan.instances,
    counters: () => counters,
    priority: () => 100,
    now: () => now,
    dispatch: (event) => events.push(event),
    log: (record) => log.push(record),
  })
  const router = plan.instances[0]?.router ?? assert.fail()
  /** A packet that came through a router, from anywhere. */
  const stray = (i: number): void =>
    receiver.receive('eth0', craft(router, { ttl: 64, source: `198.51.${i >> 8}.${i & 255}` as Ipv4 }))
  const pass = (seconds: number): void => {
    now = plus(now, fromSeconds(seconds))
  }
  const advert = (source: Ipv4, priority = 150): void => receiver.receive('eth0', craft(router, { source, priority }))
  return { stray, pass, receiver, plan, router, log, events, advert, rejected: () => counters.read().rejected }
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

test('of a flood of good adverts a few are looked at, all are counted, and those of a node do not drown', () => {
  const { advert, pass, events, log, rejected } = listening()
  for (let i = 0; i < 10_000; i += 1) {
    advert(`198.51.${i >> 8}.${i & 255}` as Ipv4)
    if (i % 5_000 === 1_000) advert(WEB2)
  }
  const heard = (from: string): number =>
    events.filter((event) => event.kind === 'advert' && event.from === from).length
  assert.equal(heard(WEB2), 2)
  assert.equal(events.length, 2 + 2)
  assert.deepEqual(rejected(), { flood: 9_998 })
  assert.equal(log.length, 5)
  assert.match(
    log[0]?.message ?? '',
    /^packet discarded, 198\.51\.0\.2 on eth0: more adverts come than any router sends/,
  )
  pass(0.02)
  advert(WEB2)
  assert.equal(heard(WEB2), 3)
})

test("a flood in a node's name does not drown its own adverts, which count for something else", () => {
  const { advert, receiver, router, events } = listening()
  const spoil = (packet: Uint8Array): void => packet.set([9], 26)
  for (let i = 0; i < 1_000; i += 1) {
    for (const priority of [0, 50, 100]) advert(WEB2, priority)
    receiver.receive('eth0', craft(router, { source: WEB2, spoil }))
  }
  advert(WEB2, 200)
  const last = events.at(-1)
  assert.ok(last?.kind === 'advert' && last.advert.priority === 200)
  assert.equal(events.length, 4 * 2 + 1)
})

test('bad packets do not reach the loop without end, and are counted whole', () => {
  const { receiver, router, events, rejected } = listening()
  const bad = craft(router, { source: '198.51.100.1' as Ipv4, spoil: (packet) => packet.set([9], 26) })
  for (let i = 0; i < 1_000; i += 1) receiver.receive('eth0', bad)
  assert.deepEqual([events.length, rejected()], [2, { checksum: 1_000 }])
})

test('fast adverts, and their answers, are all looked at', () => {
  const { receiver, router, events, pass } = listening({ advertInterval: fromMillis(10) })
  for (let ms = 0; ms < 1_000; ms += 2) {
    receiver.receive('eth0', craft(router, { source: WEB2, priority: 200 }))
    pass(0.002)
  }
  assert.equal(events.length, 500)
})

test('a packet that is too broken to say whom it is for is counted for all, and said once', () => {
  const { receiver, log, rejected } = listening({}, ['api', 'db'])
  receiver.receive('eth0', new Uint8Array(10))
  assert.deepEqual(rejected(), { 'ip-header': 3 })
  assert.deepEqual(
    log.map(({ subject }) => subject),
    ['haup'],
  )
})

test('a flood over many VRIDs is bounded in all, and a node is not drowned by it', () => {
  const names = Array.from({ length: 100 }, (_, index) => `www${index}`)
  const { receiver, plan, events } = listening({ vrid: 200 }, names)
  for (let i = 0; i < 1_000; i += 1) {
    const { router } = plan.instances[i % plan.instances.length] ?? assert.fail()
    receiver.receive('eth0', craft(router, { source: '198.51.100.1' as Ipv4, priority: 150 }))
  }
  assert.equal(events.length, 64)
  const { router } = plan.instances.at(-1) ?? assert.fail()
  receiver.receive('eth0', craft(router, { source: WEB2, priority: 150 }))
  assert.equal(events.length, 65)
})
