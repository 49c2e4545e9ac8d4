import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts, Machine } from '../../../src/cli/detect/facts.ts'
import { describeTrade, remarkOnInterval, silenceOf } from '../../../src/cli/services/init-interval.ts'
import { propose } from '../../../src/cli/services/init-propose.ts'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'
import { FACTS, GIVEN, setUpBox } from './init-box.ts'

const HARDWARE: Machine = { kind: 'hardware', name: 'Dell Inc. PowerEdge R640' }
const GUEST: Machine = { kind: 'guest', name: 'QEMU Standard PC' }

const proposal = (facts: Partial<HostFacts>, before = {}, known = {}) =>
  propose('advert-interval', { ...FACTS, ...facts }, { 'vrrp-version': '3', ...before }, () => 0, {
    given: {},
    vrid: undefined,
    ...known,
  })

test('on hardware between haup nodes a dead box is replaced within a second; elsewhere the usual second stays', () => {
  assert.equal(proposal({ machine: HARDWARE }), '250ms')
  assert.equal(proposal({ machine: GUEST }), '1s')
  assert.equal(proposal({ machine: { kind: 'unknown' } }), '1s')
  assert.equal(proposal({ machine: HARDWARE }, { 'vrrp-version': '2' }), '1s')
  assert.equal(proposal({ machine: HARDWARE }, {}, { given: { 'no-peer': 'yes' } }), '1s')
  assert.equal(proposal({ machine: HARDWARE, keepalived: { version: 3, vrids: [], isRunning: true } }), '1s')
})

test('a file that is there keeps its interval, where the version can have it', () => {
  assert.equal(proposal({ machine: HARDWARE }, {}, { interval: fromSeconds(1) }), '1s')
  assert.equal(proposal({ machine: GUEST }, {}, { interval: fromMillis(250) }), '250ms')
  assert.equal(proposal({ machine: GUEST }, { 'vrrp-version': '2' }, { interval: fromMillis(250) }), '1s')
})

test('how long a dead box takes: three intervals, the skew of the lower priority, the look and the binding', () => {
  assert.deepEqual(silenceOf(3, fromMillis(250), [250, 240]), {
    replaced: fromMillis(750 + 15.625 + 100),
    stall: Math.floor(0.99 * (750_000 + 5_860)) - 20_000 - 250_000,
  })
})

test('the trade in two lines', () => {
  const lines = (interval: string, version = '3') =>
    describeTrade({ 'advert-interval': interval, 'vrrp-version': version, priority: '250,240' })
  assert.deepEqual(lines('250ms'), [
    'adverts each 250ms (--advert-interval): a dead box is replaced within 0.9 s,',
    'pauses below 0.4 s move nothing; about 1.1 % of a CPU core',
  ])
  assert.match(lines('1s').join(' '), /within 3.2 s, pauses below 1.9 s move nothing; about 0.3 % of/)
  assert.match(lines('50ms').join(' '), /it is not fenced/)
  assert.match(lines('1s', '2').join(' '), /^adverts each 1s .*: a dead box is replaced within 3.2 s/)
})

test('what is written and said on hardware', async (t) => {
  const box = setUpBox(t)
  const { result } = await box.run(GIVEN, { facts: { machine: HARDWARE } })
  assert.match(result.content, /^ {4}# A master silent for three intervals is replaced, a dead box within$/m)
  assert.match(result.content, /^ {4}# 0.9 s\. Pauses below 0.4 s move nothing; longer intervals bear longer ones$/m)
  assert.match(result.content, /^ {4}advert_interval: 250ms$/m)
  assert.match(box.printed.join('\n'), /^adverts each 250ms .*: a dead box is replaced within 0.9 s/m)
  const told = box.printed.length
  assert.equal((await box.run(GIVEN)).result.outcome, 'unchanged', 'the interval of the file stays')
  await box.run({ ...GIVEN, 'advert-interval': '1s' }, { options: { force: true } })
  assert.ok(!box.printed.slice(told).some((line) => line.startsWith('adverts each')), 'who chose knows')
})

test('a guest that joins brisk nodes is told', () => {
  assert.match(
    remarkOnInterval(GUEST, 3, fromMillis(250))?.message ?? '',
    /^this box is a guest \(QEMU Standard PC\), and adverts each 250ms move the address when it stands still for 0.4 s$/,
  )
  assert.equal(remarkOnInterval(GUEST, 3, fromSeconds(1)), undefined)
  assert.equal(remarkOnInterval(HARDWARE, 3, fromMillis(250)), undefined)
})
