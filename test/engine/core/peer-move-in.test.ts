import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeafTo } from '../../../src/engine/core/peer-move-in.ts'
import { type Body, follow, into, theirs } from './peer-move-rows.ts'
import { ACTIVE, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** The new holder's side of a planned move, step by step. */

const offered = (sight: Sight = {}, changes = {}) =>
  follow({ web1: { says: { ...ACTIVE, ...theirs('offer', changes) } }, ...sight })

test('an offer to this node is prepared for, and nothing is opened', () => {
  const { words, move, actions } = offered()
  assert.equal(words, 'admitting 1000, admit')
  assert.deepEqual([move?.with, move?.id, move?.side], ['web1', 5, 'in'])
  assert.deepEqual(actions, [{ kind: 'admit', instance: 'www', id: 5, from: 'web1' }])
})

test('not: an offer to another one, another step, one of a node that is silent', () => {
  assert.equal(offered({}, { with: 'web3' }).words, 'none')
  assert.equal(offered({}, { step: 'prepared' }).words, 'none')
  assert.equal(follow({ web1: { says: { ...ACTIVE, ...theirs('offer') }, facts: SILENT } }).words, 'none')
  assert.equal(follow({}).unchanged, true)
})

test('refused by one that could not serve, or is no backup', () => {
  assert.equal(offered({ phase: MASTER }).words, 'refused 1000')
  assert.equal(offered({ runtime: { links: new Map() } }).words, 'refused 1000')
  const standby = {
    hold: { since: NOW, until: undefined, answered: true, standby: true, taker: undefined, strict: false },
  }
  assert.equal(offered({ runtime: standby }).words, 'admitting 1000, admit')
})

const going = (
  step: 'admitting' | 'prepared' | 'taken' | 'opened' | 'refused',
  said: Parameters<typeof theirs>[0] | undefined,
  event?: Body,
  sight: Sight = {},
  until = 1,
) => {
  const says = said === undefined ? ACTIVE : { ...ACTIVE, ...theirs(said) }
  return follow({ web1: { says }, ...sight, peer: { move: into(step, { until: ms(until) }), ...sight.peer } }, event)
    .words
}
const admitted = (changes = {}): Body => ({ kind: 'admitted', instance: 'www', id: 5, error: undefined, ...changes })

test('admitting: until the kernel says so, or in vain', () => {
  assert.equal(going('admitting', 'offer', admitted()), 'prepared 1')
  assert.equal(going('admitting', 'offer', admitted({ error: 'EPERM' })), 'refused 1')
  for (const other of [{ instance: 'other' }, { id: 4 }])
    assert.equal(going('admitting', 'offer', admitted(other)), 'admitting 1')
  assert.equal(going('admitting', 'offer'), 'admitting 1')
  assert.equal(going('admitting', 'offer', undefined, {}, 0), 'none, unbind')
})

test('prepared: takes over as soon as the old holder is closed, and not before', () => {
  assert.equal(going('prepared', 'offer'), 'prepared 1')
  assert.equal(going('prepared', 'closed'), 'taken 2000, take')
  assert.equal(going('prepared', 'closed', undefined, {}, 0), 'taken 2000, take', 'late, and closed')
  const { move, reasons } = follow({
    web1: { says: { ...ACTIVE, ...theirs('closed') } },
    peer: { move: into('prepared') },
  })
  assert.deepEqual([move?.side === 'in' && move.deafUntil, reasons], [ms(150), ['web1 hands the addresses over']])
})

test('prepared in vain: unbound', () => {
  assert.equal(going('prepared', 'offer', undefined, {}, 0), 'none, unbind')
  assert.equal(going('prepared', undefined), 'none, unbind', 'withdrawn')
  assert.equal(
    going('prepared', 'offer', undefined, { web1: { says: { ...ACTIVE, ...theirs('offer', { id: 4 }) } } }),
    'none, unbind',
    'another one',
  )
  assert.equal(
    going('prepared', 'offer', undefined, { web1: { says: { ...ACTIVE, ...theirs('offer') }, facts: SILENT } }),
    'none, unbind',
  )
  assert.equal(
    going('prepared', 'offer', undefined, { runtime: { links: new Map() } }),
    'none, unbind',
    'it could not serve any more',
  )
})

test('taken: until the gate is open', () => {
  assert.equal(going('taken', 'closed', { kind: 'opened', instance: 'www' }), 'opened 2000')
  assert.equal(going('taken', 'closed', { kind: 'opened', instance: 'other' }), 'taken 1')
  assert.equal(going('taken', 'closed'), 'taken 1')
  assert.equal(going('taken', 'closed', undefined, {}, 0), 'none')
})

test('opened, or refused: said until the old holder has heard it', () => {
  for (const step of ['opened', 'refused'] as const) {
    assert.equal(going(step, 'closed'), `${step} 1`)
    assert.equal(going(step, 'closed', undefined, {}, 0), 'none')
    assert.equal(going(step, undefined), 'none')
    assert.equal(
      going(step, 'closed', undefined, { web1: { says: { ...ACTIVE, ...theirs('closed') }, facts: SILENT } }),
      'none',
    )
  }
})

test('adverts that the old holder sent before it closed are not heard', () => {
  const deaf = (node: string | undefined, at: number, move = into('taken')) =>
    isDeafTo(see({ peer: { move } }).runtime, node, ms(at))
  assert.deepEqual(
    [deaf('web1', -51), deaf('web1', -50), deaf('web3', -51), deaf(undefined, -51)],
    [true, false, false, false],
  )
  assert.equal(isDeafTo(see({}).runtime, 'web1', NOW), false)
})
