import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BY_ADVERTS, opened, policy } from './gate-policy-support.ts'

/** The gate's policy: adverts, their leases, and what the kernel says. */

test('bound: open for what is left of the last advert; nobody is told, the announcement follows anyway', () => {
  const gate = policy()
  assert.deepEqual(gate.sent(0), [])
  assert.deepEqual(gate.bound(10), [`open 277: ${BY_ADVERTS}`])
  assert.equal(gate.isOpen(11), false, 'not before the kernel says so')
  assert.deepEqual(gate.opened(277, 12), [])
  assert.deepEqual([gate.isOpen(12), gate.isOpen(276), gate.isOpen(277)], [true, true, false])
})

test('an answer of the kernel to something else, or to nothing, opens nothing', () => {
  const gate = policy()
  assert.deepEqual(gate.opened(277, 1), [])
  assert.equal(gate.isOpen(1), false)
  gate.sent(0)
  gate.bound(10)
  gate.released(11)
  assert.deepEqual(gate.opened(277, 12), [])
  assert.equal(gate.isOpen(12), false)
})

test('what the kernel confirms counts, also when something else has been asked for since', () => {
  const gate = policy()
  gate.sent(0)
  gate.limit(150)
  gate.bound(10)
  gate.limit(200)
  gate.limits(11)
  gate.opened(150, 12)
  assert.deepEqual([gate.isOpen(149), gate.isOpen(150)], [true, false])
  gate.opened(200, 13)
  assert.equal(gate.isOpen(199), true)
})

test('released: nothing opens, however many adverts are sent; bound again it opens', () => {
  const gate = opened()
  assert.deepEqual(gate.released(20), [])
  assert.equal(gate.isOpen(21), false)
  assert.deepEqual([...gate.sent(100), ...gate.limits(101)], [])
  assert.deepEqual(gate.bound(110), [`open 377: ${BY_ADVERTS}`])
  gate.released(120)
  assert.deepEqual(gate.bound(130), [`open 377: ${BY_ADVERTS}`], 'by the advert before')
})

test('not bound: nothing opens by votes, either', () => {
  const gate = policy()
  gate.limit(900, true)
  assert.deepEqual([...gate.sent(0), ...gate.limits(1)], [])
})

test('an answer that comes after the limit has closed the gate opens nothing', () => {
  const gate = policy()
  gate.sent(0)
  gate.bound(10)
  gate.limit(11)
  gate.limits(11)
  gate.opened(277, 12)
  assert.equal(gate.isOpen(12), false)
})

test('an advert at the end of the lease is too late, one before it is not', () => {
  assert.deepEqual(opened().sent(276), [`open 553: ${BY_ADVERTS}`])
  const gate = opened()
  const lapse =
    'warn gate.lapsed: the gate closed: no advert for too long (0us over); opens again in 100ms, unless another node claims'
  assert.deepEqual(gate.sent(277), [lapse])
  assert.equal(gate.isOpen(278), false)
  assert.deepEqual(gate.sent(366), [], 'not before almost an interval has passed')
  assert.deepEqual(gate.limits(366), [], 'nor when the others allow more')
  assert.deepEqual(gate.sent(367), [`open 644: ${BY_ADVERTS}`])
  assert.deepEqual(gate.opened(644, 368), ['announce'])
  gate.limit(500)
  assert.deepEqual(gate.limits(400), ['open 500: web2 is silent'], 'the wait is over')
})

test('at the end of the lease a turn of the loop opens nothing, and says nothing', () => {
  const gate = policy()
  gate.sent(0)
  assert.deepEqual(gate.bound(277), [])
  assert.deepEqual(opened().limits(277), [])
})

test('a turn of the loop that comes after the end of the lease: the same', () => {
  const gate = opened()
  const [line] = gate.bound(300)
  assert.match(line ?? '', /^warn gate\.lapsed: .* \(23ms over\)/)
  assert.deepEqual(gate.bound(310), [], 'said once')
})

test('what the kernel refuses is said once, and tried with an advert of almost an interval later', () => {
  const gate = policy()
  gate.sent(0)
  gate.bound(10)
  assert.deepEqual(gate.failed('EPERM', 11), ['error gate.open: EPERM'])
  assert.deepEqual(gate.failed('EPERM', 12), [])
  assert.deepEqual(gate.failed('EBUSY', 12), ['error gate.open: EBUSY'])
  assert.deepEqual([...gate.sent(101), ...gate.limits(101)], [])
  assert.deepEqual(gate.sent(102), [`open 379: ${BY_ADVERTS}`])
  assert.deepEqual(gate.opened(379, 103), ['announce'])
  assert.deepEqual(gate.failed('EBUSY', 104), ['error gate.open: EBUSY'], 'said again after it worked')
  assert.equal(gate.isOpen(105), false)
})

test('a release does not make the kernel forget what it refused', () => {
  const gate = policy()
  gate.sent(0)
  gate.bound(10)
  gate.failed('EPERM', 11)
  gate.released(12)
  gate.bound(13)
  assert.deepEqual(gate.failed('EPERM', 14), [])
})

test('another lease counts from the first advert that is sent with it', () => {
  const gate = opened()
  gate.lease(28)
  assert.deepEqual(gate.limits(50), [])
  assert.deepEqual(gate.sent(100), [`open 128: ${BY_ADVERTS}`])
  gate.opened(128, 101)
  gate.lease(2_770)
  assert.deepEqual(gate.limits(102), [])
  assert.deepEqual(gate.sent(120), [`open 2890: ${BY_ADVERTS}`])
})

test('not fenced: open while bound, nothing is asked; fenced anew, adverts of before do not count', () => {
  const gate = policy()
  gate.sent(0)
  gate.lease(undefined)
  assert.deepEqual([...gate.sent(5), ...gate.bound(10), ...gate.limits(20)], [])
  assert.equal(gate.isOpen(100_000), true)
  gate.lease(277)
  assert.deepEqual(gate.bound(30), [])
  assert.equal(gate.isOpen(31), false)
  gate.lease(undefined)
  gate.released(40)
  assert.equal(gate.isOpen(41), false)
})

test('without an advert nothing opens, whatever the limit says', () => {
  const gate = policy()
  for (const complete of [false, true]) {
    gate.limit(900, complete)
    assert.deepEqual([...gate.bound(10), ...gate.limits(20)], [])
  }
  assert.equal(gate.isOpen(20), false)
})
