import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFree, offerHold, targetOf } from '../../../src/engine/core/peer-move.ts'
import type { EngineEvent } from '../../../src/engine/core/types.ts'
import { follow, into, out } from './peer-move-rows.ts'
import { backup, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** How a planned move begins. */

const hold = (changes: Partial<Extract<EngineEvent, { kind: 'hold' }>> = {}) =>
  ({ kind: 'hold', now: NOW, instances: [], until: undefined, ...changes }) as Extract<EngineEvent, { kind: 'hold' }>
function offered(sight: Sight, changes = {}) {
  const { runtime, view } = see({ phase: MASTER, ...sight })
  return offerHold(runtime, view, hold(changes))?.peer.move
}

test('the target is the best one that serves, or the one that is asked for', () => {
  const target = (sight: Sight, to?: string, isUrgent?: boolean) =>
    targetOf(see({ phase: MASTER, ...sight }).view, to, isUrgent)?.name
  assert.equal(target({}), 'web1')
  assert.equal(target({ self: 'web1' }), 'web2')
  assert.equal(target({}, 'web3'), 'web3')
  assert.equal(target({ web1: { says: { priority: 1 } } }), 'web3')
  assert.equal(target({ web1: { says: { readiness: 'standby' } }, web3: { says: { readiness: 'unable' } } }), undefined)
  const standby = { web1: { says: { readiness: 'standby' } }, web3: { says: { readiness: 'unable' } } } as const
  assert.deepEqual(
    [target(standby), target(standby, 'web1'), target(standby, undefined, true)],
    [undefined, 'web1', 'web1'],
  )
  assert.equal(target({ ...standby, web3: {} }, undefined, true), 'web3')
  assert.equal(target({ web1: { facts: SILENT } }), 'web3')
  assert.equal(target({ web3: { facts: SILENT } }, 'web3'), undefined)
})

test('an administrator hands over: an offer for half a second', () => {
  const until = ms(600_000)
  assert.deepEqual(offered({}, { until, standby: true }), {
    side: 'out',
    id: NOW,
    with: 'web1',
    step: 'offered',
    why: {
      kind: 'hold',
      force: false,
      hold: { since: NOW, until, answered: true, standby: true, taker: undefined, strict: false },
    },
    until: ms(500),
  })
  const plain = offered({}, { to: 'web3', force: true })
  assert.deepEqual(
    [plain?.with, plain?.side === 'out' && plain.why.kind === 'hold' && plain.why.hold.answered],
    ['web3', false],
  )
})

test('no offer: not active, already moving, nobody to take it', () => {
  assert.equal(offered({ phase: backup() }), undefined)
  assert.equal(offered({ peer: { move: out('offered') } }), undefined)
  assert.equal(offered({ web1: { facts: SILENT }, web3: { facts: SILENT } }), undefined)
})

test('what is still told of a move that is over is not in the way of the next', () => {
  const free = (peer: NonNullable<Sight['peer']>) => isFree(see({ peer }).runtime)
  assert.deepEqual([free({}), free({ move: into('opened') })], [true, true])
  assert.deepEqual([free({ move: into('taken') }), free({ move: out('lingering') })], [false, false])
  assert.equal(offered({ peer: { move: into('opened') } })?.with, 'web1')
})

test('the engine leaves: an active one offers what it holds', () => {
  const leave = (sight: Sight) => follow(sight, { kind: 'leave' }).words
  assert.equal(leave({ phase: MASTER }), 'offered 500')
  assert.equal(leave({ phase: backup() }), 'none')
  assert.equal(leave({ phase: MASTER, web1: { facts: SILENT }, web3: { facts: SILENT } }), 'none')
  assert.equal(leave({ phase: MASTER, peer: { move: into('opened') } }), 'offered 500')
  assert.equal(leave({ phase: MASTER, peer: { move: out('offered') } }), 'offered 100', 'one is under way')
})
