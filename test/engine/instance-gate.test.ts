import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInstanceGate, type GateLimit } from '../../src/engine/instance-gate.ts'
import type { Mac } from '../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { err, ok, type Result } from '../../src/shared/result.ts'
import { fromMillis, type Micros, toMillis } from '../../src/shared/units.ts'

const TARGET = { to: '192.0.2.12' as Ipv4, mac: '02:00:00:00:00:02' as Mac, interface: 'eth0' }

const at = (milliseconds: number): Micros => fromMillis(milliseconds)

/** An instance with adverts each 100 ms and a lease of 277 ms, over a gate that does as it is told. */
function fenced() {
  const asked: (number | string)[] = []
  const log: LogRecord[] = []
  let answer: Result<void, string> = ok(undefined)
  let lease: Micros | undefined = at(277)
  let limit: GateLimit | undefined
  let late = 0
  let clock = at(0)
  const gate = createInstanceGate({
    name: 'www',
    port: {
      prepare: () => assert.fail(),
      remove: () => assert.fail(),
      retire: () => assert.fail(),
      admit: () => {
        asked.push('admit')
        return Promise.resolve(answer)
      },
      handOn: () => {
        asked.push('hand on')
        return Promise.resolve(answer)
      },
      onForeignChange: () => assert.fail(),
      open: (_, until) => {
        asked.push(toMillis(until))
        return Promise.resolve(answer)
      },
      close: () => {
        asked.push('close')
        return Promise.resolve(answer)
      },
    },
    lease: () => lease,
    limit: () => limit,
    interval: () => at(100),
    now: () => clock,
    log: (record) => log.push(record),
    onLateOpening: () => {
      late += 1
    },
  })
  return {
    gate: {
      ...gate,
      sent: (time: Micros) => {
        clock = Math.max(clock, time) as Micros
        gate.sent(time)
      },
    },
    asked,
    codes: () => log.map(({ code }) => code),
    messages: () => log.map(({ message }) => message),
    late: () => late,
    answer: (next: Result<void, string>) => {
      answer = next
    },
    runTo: (milliseconds: number) => {
      clock = at(milliseconds)
    },
    limitTo: (milliseconds: number) => {
      limit = { until: at(milliseconds), reason: 'web2 acknowledges no adverts' }
    },
    unfence: () => {
      lease = undefined
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

test('it opens when bound, from the advert before, and goes on with each advert', async () => {
  const { gate, asked, late, settle } = fenced()
  gate.sent(at(1_000))
  assert.deepEqual(asked, [], 'not before the address is bound')
  await gate.open()
  assert.equal(gate.isOpen(), true)
  gate.sent(at(1_100))
  await settle()
  assert.deepEqual(asked, [1_277, 1_377])
  assert.equal(late(), 0)
})

test('no advert sent, no opening; the first that is sent opens, and clients are told', async () => {
  const { gate, asked, late, settle } = fenced()
  await gate.open()
  assert.equal(gate.isOpen(), false)
  gate.sent(at(5_000))
  await settle()
  assert.deepEqual([asked, late(), gate.isOpen()], [[5_277], 1, true])
})

test('closed: adverts open nothing any more', async () => {
  const { gate, asked, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  await gate.close()
  gate.sent(at(100))
  await settle()
  assert.deepEqual(asked, [277, 'close'])
  assert.equal(gate.isOpen(), false)
})

test('closing in the middle of an opening wins', async () => {
  const { gate, late } = fenced()
  gate.sent(at(0))
  const opening = gate.open()
  const closing = gate.close()
  await Promise.all([opening, closing])
  assert.deepEqual([gate.isOpen(), late()], [false, 0])
})

test('an advert that comes after the lease does not open; one an interval later does', async () => {
  const { gate, asked, codes, late, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  gate.sent(at(277))
  await settle()
  assert.deepEqual([codes(), gate.isOpen()], [['gate.lapsed'], false])
  gate.sent(at(300))
  await settle()
  assert.deepEqual([asked, gate.isOpen()], [[277], false], 'an answer to another master, at once')
  gate.sent(at(377))
  await settle()
  assert.deepEqual([asked, late(), gate.isOpen()], [[277, 654], 1, true])
})

test('what the kernel refuses is said once, and tried again', async () => {
  const { gate, answer, codes, late, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  answer(err('EPERM'))
  for (const time of [100, 200]) {
    gate.sent(at(time))
    await settle()
  }
  assert.deepEqual([codes(), gate.isOpen()], [['gate.open'], false])
  answer(ok(undefined))
  gate.sent(at(300))
  await settle()
  assert.deepEqual([gate.isOpen(), late()], [true, 1])
})

test('adverts that cannot be sent: closed by the clock', async () => {
  const { gate, runTo } = fenced()
  gate.sent(at(0))
  await gate.open()
  runTo(276)
  assert.equal(gate.isOpen(), true)
  runTo(277)
  assert.equal(gate.isOpen(), false)
})

test('a renewal that the kernel gets too late waits for other claims before the next', async () => {
  const { gate, answer, asked, runTo, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  answer(err('too late'))
  runTo(10_000)
  gate.sent(at(100))
  await settle()
  answer(ok(undefined))
  gate.sent(at(10_050))
  await settle()
  assert.deepEqual([asked, gate.isOpen()], [[277, 377], false])
  gate.sent(at(10_100))
  await settle()
  assert.equal(gate.isOpen(), true)
})

test('without a fence all is open and nothing is asked', async () => {
  const { gate, asked, unfence, settle } = fenced()
  unfence()
  gate.sent(at(0))
  await gate.open()
  gate.sent(at(100_000))
  await settle()
  await gate.close()
  assert.deepEqual([asked, gate.isOpen()], [[], true])
})

test('never open beyond the limit; extended when the limit moves, at most to the end of the lease', async () => {
  const { gate, asked, limitTo, settle } = fenced()
  limitTo(200)
  gate.sent(at(0))
  await gate.open()
  for (const limit of [240, 900]) {
    limitTo(limit)
    gate.extend()
    await settle()
  }
  assert.deepEqual(asked, [200, 240, 277])
})

test('a limit that has passed closes, says what it says and no more, and opens at once when it has moved', async () => {
  const { gate, asked, codes, messages, late, limitTo, settle } = fenced()
  limitTo(150)
  gate.sent(at(0))
  await gate.open()
  for (const time of [100, 200, 300]) {
    gate.sent(at(time))
    await settle()
  }
  assert.deepEqual([asked, gate.isOpen(), codes()], [[150, 150], false, ['gate.limited']])
  assert.match(messages()[0] ?? '', /^the gate is closed: web2 acknowledges no adverts;/)
  limitTo(500)
  gate.extend()
  await settle()
  assert.deepEqual([asked, gate.isOpen(), late()], [[150, 150, 500], true, 1])
})

test('adverts that lapsed while the limit had closed it: extending opens nothing, nor does the next advert', async () => {
  const { gate, asked, codes, runTo, limitTo, settle } = fenced()
  limitTo(150)
  gate.sent(at(0))
  await gate.open()
  runTo(400)
  limitTo(900)
  gate.extend()
  gate.sent(at(410))
  await settle()
  assert.deepEqual([asked, codes()], [[150], ['gate.lapsed']])
  gate.sent(at(510))
  await settle()
  assert.deepEqual(asked, [150, 787])
})

test('handed on is closed: adverts and a new limit open nothing', async () => {
  const { gate, asked, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  assert.deepEqual(await gate.handOn(TARGET, at(9_000)), ok(undefined))
  gate.sent(at(100))
  gate.extend()
  await settle()
  assert.deepEqual([asked, gate.isOpen()], [[277, 'hand on'], false])
})

test('what cannot be handed on is closed all the same', async () => {
  const { gate, asked, answer } = fenced()
  gate.sent(at(0))
  await gate.open()
  answer(err('ENOENT'))
  assert.deepEqual(await gate.handOn(TARGET, at(9_000)), err('ENOENT'))
  assert.deepEqual([asked, gate.isOpen()], [[277, 'hand on', 'close'], false])
})

test('not fenced: nothing to admit, nothing to hand on', async () => {
  const { gate, asked, unfence } = fenced()
  unfence()
  const admission = { from: TARGET.mac, asking: TARGET.to }
  assert.deepEqual(
    [await gate.admit(admission, at(1)), await gate.handOn(TARGET, at(1)), asked],
    [ok(undefined), ok(undefined), []],
  )
})
