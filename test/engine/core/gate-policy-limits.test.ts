import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BY_ADVERTS, opened, policy } from './gate-policy-support.ts'

/** The gate's policy: what other nodes allow. */

test('a limit ends it before the lease does; it moves at once, and not beyond the lease', () => {
  const gate = policy()
  gate.limit(200)
  gate.sent(0)
  assert.deepEqual(gate.bound(10), ['open 200: web2 is silent'])
  gate.opened(200, 11)
  gate.limit(240)
  assert.deepEqual(gate.limits(100), ['open 240: web2 is silent'])
  gate.limit(277)
  assert.deepEqual(gate.limits(101), [`open 277: ${BY_ADVERTS}`])
  gate.limit(undefined)
  assert.deepEqual(gate.limits(102), [], 'it is what was asked for')
})

test('a few per cent more are not asked for, more is, and less always', () => {
  const gate = policy()
  gate.limit(1_000, true)
  gate.sent(0)
  gate.bound(0)
  gate.opened(1_000, 0)
  gate.limit(950, true)
  gate.limits(0)
  gate.limit(1_000, true)
  assert.deepEqual(gate.limits(0), [], 'just so')
  gate.limit(1_050, true)
  gate.limits(0)
  gate.limit(1_100, true)
  assert.deepEqual(gate.limits(0), [], '5 % more')
  gate.limit(1_106, true)
  assert.deepEqual(gate.limits(0), ['open 1106: web2 is silent'])
  gate.limit(1_000, true)
  assert.deepEqual(gate.limits(0), ['open 1000: web2 is silent'])
  assert.deepEqual(gate.limits(0), [], 'once')
})

test('a limit that has passed closes what is open, and says so once for each reason', () => {
  const gate = opened()
  gate.limit(100)
  const closed = 'warn gate.limited: the gate is closed: web2 is silent; opens again when that has changed'
  assert.deepEqual(gate.limits(100), [closed, 'close: web2 is silent'])
  assert.equal(gate.isOpen(101), false)
  assert.deepEqual(gate.limits(101), [])
  gate.limit(100, false, 'web2 holds')
  assert.deepEqual(gate.limits(102), [closed.replace('web2 is silent', 'web2 holds')])
  gate.limit(900)
  assert.deepEqual(gate.limits(103), [`open 277: ${BY_ADVERTS}`], 'by the advert before')
  assert.deepEqual(gate.opened(277, 104), ['announce'])
  gate.limit(100, false, 'web2 holds')
  assert.deepEqual(gate.limits(105)[0], closed.replace('web2 is silent', 'web2 holds'), 'said again after it was open')
})

test('what was only asked for is closed, too; what has ended by itself is not', () => {
  const asked = policy()
  asked.sent(0)
  asked.bound(10)
  asked.limit(11)
  assert.deepEqual(asked.limits(11).slice(1), ['close: web2 is silent'])
  const ended = policy()
  ended.sent(0)
  ended.limit(100)
  ended.bound(10)
  ended.opened(100, 11)
  assert.deepEqual(ended.limits(100).slice(1), [])
})

test('after a limit alone the next advert opens at once, unless the lease has passed meanwhile', () => {
  for (const late of [false, true]) {
    const gate = policy()
    gate.limit(150)
    gate.sent(0)
    gate.bound(10)
    gate.opened(150, 11)
    if (late) gate.limits(200)
    gate.limit(900)
    assert.deepEqual(gate.sent(276), [`open 553: ${BY_ADVERTS}`])
    const lines = gate.opened(553, 280)
    assert.deepEqual(lines.at(-1), 'announce')
    const closed = 'warn gate.limited: the gate was closed for 130ms: web2 is silent'
    assert.deepEqual(lines.slice(0, -1), late ? [] : [closed], 'said when it was not before')
  }
  const lapsed = policy()
  lapsed.limit(150)
  lapsed.sent(0)
  lapsed.bound(10)
  lapsed.opened(150, 11)
  lapsed.limit(900)
  assert.match(lapsed.sent(277)[0] ?? '', /gate\.lapsed/)
})

test('a limit that moves in time closes nothing, and nothing is said', () => {
  const gate = policy()
  gate.limit(150)
  gate.sent(0)
  gate.bound(10)
  gate.opened(150, 11)
  gate.limit(250)
  gate.limits(149)
  assert.deepEqual(gate.opened(250, 149), [])
  gate.limit(270)
  gate.limits(240)
  assert.deepEqual(gate.opened(270, 250), [
    'warn gate.limited: the gate was closed for 0us: web2 is silent',
    'announce',
  ])
})

test('where all others vote their votes alone count: no advert has to be sent, none has to be in time', () => {
  const gate = policy()
  gate.sent(0)
  gate.limit(900, true)
  assert.deepEqual(gate.bound(10), ['open 900: web2 is silent'])
  gate.opened(900, 11)
  gate.limit(1_800, true)
  assert.deepEqual(gate.limits(800), ['open 1800: web2 is silent'])
  gate.opened(1_800, 801)
  gate.limit(2_700, true)
  assert.deepEqual(gate.sent(1_700), ['open 2700: web2 is silent'])
  gate.limit(1_700, true)
  assert.match(gate.limits(1_701)[0] ?? '', /gate\.limited/)
  gate.limit(2_900, true)
  assert.deepEqual(gate.sent(1_800), ['open 2900: web2 is silent'])
  assert.deepEqual(gate.opened(2_900, 1_801), ['announce'])
})

test('what the kernel refused is asked for again, by the same votes', () => {
  const gate = policy()
  gate.sent(0)
  gate.limit(900, true)
  gate.bound(10)
  gate.failed('EPERM', 11)
  assert.deepEqual(gate.limits(12), ['open 900: web2 is silent'])
})

test('votes of all end the wait after a lapse', () => {
  for (const how of ['sent', 'limits'] as const) {
    const gate = opened()
    gate.sent(300)
    gate.limit(900, true)
    assert.deepEqual(how === 'sent' ? gate.sent(310) : gate.limits(310), ['open 900: web2 is silent'])
    gate.limit(undefined)
    assert.deepEqual(gate.sent(320), [`open 597: ${BY_ADVERTS}`], 'the wait is over')
  }
})
