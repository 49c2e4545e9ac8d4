import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, ok } from '../../src/shared/result.ts'
import { at, fenced } from './instance-gate-support.ts'

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

test('no advert of late: bound again, it waits for the first that is sent', async () => {
  const { gate, asked, codes, late, runTo, settle } = fenced()
  gate.sent(at(0))
  runTo(2_000)
  await gate.open()
  assert.deepEqual([asked, codes(), gate.isOpen()], [[], [], false])
  gate.sent(at(2_010))
  await settle()
  assert.deepEqual([asked, late(), gate.isOpen()], [[2_287], 1, true])
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

test('another lease counts from the first advert that is sent with it: what the one before said still holds', async () => {
  const { gate, asked, codes, leaseTo, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  for (const [lease, time] of [
    [28, 100],
    [2_770, 120],
    [277, 1_000],
  ] as const) {
    leaseTo(lease)
    gate.extend()
    await settle()
    gate.sent(at(time))
    await settle()
  }
  assert.deepEqual([asked, codes(), gate.isOpen()], [[277, 128, 2_890, 1_277], [], true])
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

test('a renewal that is too late waits for other claims before the next', async () => {
  const { gate, codes, asked, runTo, settle } = fenced()
  gate.sent(at(0))
  await gate.open()
  runTo(10_000)
  gate.sent(at(100))
  await settle()
  gate.sent(at(10_050))
  await settle()
  assert.deepEqual([asked, gate.isOpen(), codes()], [[277], false, ['gate.lapsed']])
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
