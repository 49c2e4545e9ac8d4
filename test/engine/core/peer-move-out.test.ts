import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Body, follow, out, theirs } from './peer-move-rows.ts'
import { ACTIVE, backup, MASTER, ms, NOW, SILENT, type Sight } from './views.ts'

/** The old holder's side of a planned move, step by step. */

const HOLD = { since: NOW, until: undefined, answered: false, standby: false, taker: undefined, strict: false }
const WHY = {
  hold: { kind: 'hold', hold: HOLD, force: false },
  forced: { kind: 'hold', hold: HOLD, force: true },
  stop: { kind: 'stop' },
  preempted: { kind: 'preempted' },
} as const
type How = { readonly why?: keyof typeof WHY; readonly until?: number; readonly event?: Body; readonly sight?: Sight }

function going(
  step: 'offered' | 'closing' | 'closed' | 'lingering',
  says: object | undefined,
  { why = 'stop', until = 1, event, sight = {} }: How = {},
) {
  const move = out(step, { until: ms(until), why: WHY[why] })
  return follow(
    {
      phase: MASTER,
      web3: { says: says ?? {} },
      ...sight,
      peer: { holding: true, heldSince: ms(-10_000), offeredAt: ms(-100), move, ...sight.peer },
    },
    event,
  )
}
const silent = { sight: { web3: { facts: SILENT } } }

test('offered: the gate stays open until the other one is prepared', () => {
  assert.equal(going('offered', undefined).words, 'offered 1')
  const { words, actions } = going('offered', theirs('prepared'))
  assert.equal(words, 'closing 500, hand-on')
  assert.deepEqual(actions, [{ kind: 'hand-on', instance: 'www', id: 5, to: 'web3' }])
  for (const other of [{ id: 4 }, { with: 'web1' }])
    assert.equal(going('offered', theirs('prepared', other)).words, 'offered 1')
})

test('offered in vain: whoever asked gets the addresses by a claim; a hold is declined, unless it is forced; a stop lets go by itself', () => {
  for (const how of [{ until: 0 }, silent]) {
    assert.equal(going('offered', undefined, how).words, 'none')
    const held = going('offered', undefined, { ...how, why: 'hold' })
    assert.deepEqual([held.words, held.runtime.hold], ['none, log', undefined])
    const forced = going('offered', undefined, { ...how, why: 'forced' })
    assert.deepEqual([forced.words, forced.runtime.hold], ['none', HOLD])
    assert.equal(going('offered', undefined, { ...how, why: 'preempted' }).words, 'none')
  }
  assert.equal(going('offered', theirs('refused')).words, 'none')
  const refused = going('offered', theirs('refused'), { why: 'preempted' })
  assert.deepEqual([refused.words, refused.reasons], ['none, lapse', ['web3 has the higher priority']])
  assert.equal(
    going('offered', { ...theirs('refused'), readiness: 'unable' }, { why: 'preempted' }).words,
    'none',
    'it could not serve',
  )
})

const handed = (changes = {}): Body => ({ kind: 'handed-on', instance: 'www', id: 5, error: undefined, ...changes })

test('closing: closed as soon as the kernel says so, and only then said', () => {
  const { words, reasons, runtime } = going('closing', theirs('prepared'), { event: handed() })
  assert.equal(words, 'closed 400, hand-over')
  assert.deepEqual(reasons, ['web3 takes over, this engine stops'])
  assert.deepEqual([runtime.peer.holding, runtime.peer.heldSince, runtime.hold], [false, undefined, undefined])
  assert.deepEqual(going('closing', theirs('prepared'), { event: handed(), why: 'hold' }).runtime.hold, HOLD)
  for (const other of [{ instance: 'other' }, { id: 4 }])
    assert.equal(going('closing', theirs('prepared'), { event: handed(other) }).words, 'closing 1')
  assert.equal(going('closing', theirs('prepared')).words, 'closing 1')
})

test('closing in vain: the gate has been closed, so it lets go', () => {
  const cannot = 'handing over to web3 failed: what comes to this node cannot be passed on to it'
  const failed = going('closing', theirs('prepared'), { event: handed({ error: 'EPERM' }), why: 'hold' })
  assert.deepEqual([failed.words, failed.reasons, failed.runtime.hold], ['none, lapse', [cannot], HOLD])
  assert.equal(going('closing', theirs('prepared'), { until: 0 }).words, 'none, lapse')
  assert.equal(
    going('closing', theirs('prepared'), { sight: { web3: { says: theirs('prepared'), facts: SILENT } } }).words,
    'none, lapse',
  )
})

test('closed: until the other one is open, and a moment more', () => {
  const sight = { phase: backup() }
  const opened = going('closed', theirs('opened'), { sight })
  assert.deepEqual([opened.words, opened.runtime.peer.offeredAt], ['lingering 150', undefined])
  assert.equal(going('closed', ACTIVE, { sight }).words, 'lingering 150', 'it holds')
  assert.equal(going('closed', theirs('prepared'), { sight }).words, 'closed 1')
  assert.equal(going('closed', theirs('prepared'), { sight, until: 0 }).words, 'none, unbind, advert 0')
  assert.equal(
    going('closed', undefined, { sight: { ...sight, web3: { says: ACTIVE, facts: SILENT } } }).words,
    'none, unbind, advert 0',
  )
})

test('lingering: unbound at its end', () => {
  const sight = { phase: backup() }
  assert.equal(going('lingering', theirs('opened'), { sight }).words, 'lingering 1')
  assert.equal(going('lingering', theirs('opened'), { sight, until: 0 }).words, 'none, unbind')
})

test('this node is active no more before it has closed: nothing is moved', () => {
  for (const step of ['offered', 'closing'] as const)
    assert.equal(going(step, theirs('prepared'), { sight: { phase: backup() } }).words, 'none')
})
