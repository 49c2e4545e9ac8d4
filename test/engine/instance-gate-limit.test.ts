import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mac } from '../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import { err, ok } from '../../src/shared/result.ts'
import { at, fenced } from './instance-gate-support.ts'

const TARGET = { to: '192.0.2.12' as Ipv4, mac: '02:00:00:00:00:02' as Mac, interface: 'eth0' }

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
  assert.deepEqual([asked, gate.isOpen(), codes()], [[150], false, ['gate.limited']])
  assert.match(messages()[0] ?? '', /^the gate is closed: web2 acknowledges no adverts;/)
  limitTo(500)
  gate.extend()
  await settle()
  assert.deepEqual([asked, gate.isOpen(), late()], [[150, 500], true, 1])
})

test('a limit that moved only after it had passed: open again at once, and said', async () => {
  const { gate, asked, codes, messages, late, limitTo, runTo, settle } = fenced()
  limitTo(150)
  gate.sent(at(0))
  await gate.open()
  runTo(190)
  limitTo(900)
  gate.extend()
  await settle()
  assert.deepEqual([asked, gate.isOpen(), late(), codes()], [[150, 277], true, 1, ['gate.limited']])
  assert.deepEqual(messages(), ['the gate was closed for 40ms: web2 acknowledges no adverts'])
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
  const admission = { from: TARGET.mac }
  assert.deepEqual(
    [await gate.admit(admission, at(1)), await gate.handOn(TARGET, at(1)), asked],
    [ok(undefined), ok(undefined), []],
  )
})
