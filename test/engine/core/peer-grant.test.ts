import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answersFor } from '../../../src/engine/core/gate-deadline.ts'
import { giveLeave, grantDeadline, missingVotes } from '../../../src/engine/core/peer-grant.ts'
import { fromMillis, type Micros, minus, plus, toMillis, ZERO } from '../../../src/shared/units.ts'
import { ACTIVE, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** Votes: to whom a node gives its own, for how long it binds, and which are missing. */

const asks = (claim: number) => ({ says: { claim } })
/** `web1 7 until 3000`, in milliseconds from now; undefined: to nobody. */
function vote(sight: Sight): string | undefined {
  const { instance, runtime, view } = see(sight)
  const { peer } = giveLeave(instance, runtime, view)
  const { grant, claim } = peer
  if (grant === undefined) return undefined
  assert.equal(claim, undefined, 'whoever votes for another node does not ask')
  assert.equal(grantDeadline({ ...runtime, peer }), grant.until)
  return `${grant.to} ${grant.claim} until ${toMillis(minus(grant.until, NOW))}`
}
const own = { id: 5, since: ms(-600), cause: { kind: 'due' as const }, asks: true }
const given = (changes = {}) => ({ grant: { to: 'web1', claim: 7, until: ms(500), ...changes } })

test('to whoever asks, for as long as a backup waits from its last word on', () => {
  assert.equal(vote({ web1: asks(7) }), 'web1 7 until 3000')
  assert.equal(vote({ web1: { ...asks(7), facts: { heardAt: ms(-250) } } }), 'web1 7 until 2850')
  assert.equal(vote({}), undefined)
  assert.equal(vote({ web1: { ...asks(7), facts: SILENT } }), undefined)
})

test('to the best one of several', () => {
  assert.equal(vote({ web1: asks(7), web3: asks(8) }), 'web1 7 until 3000')
  assert.equal(vote({ web1: { says: { claim: 7, readiness: 'standby' } }, web3: asks(8) }), 'web3 8 until 3000')
})

test('to a better one, when this one asks, too', () => {
  assert.equal(vote({ web1: asks(7), peer: { claim: own } }), 'web1 7 until 3000')
  assert.equal(vote({ web3: asks(8), peer: { claim: own } }), undefined)
  assert.equal(
    vote({ web1: { says: { claim: 7, priority: 241 } }, peer: { claim: own } }),
    'web1 7 until 3000',
    'by one',
  )
  assert.equal(vote({ web3: asks(8), peer: { claim: { ...own, asks: false } } }), 'web3 8 until 3000')
  assert.equal(vote({ web3: asks(8) }), 'web3 8 until 3000')
})

test('not while this one holds, moves or is active', () => {
  assert.equal(vote({ web1: asks(7), peer: { holding: true } }), undefined)
  assert.equal(vote({ web1: asks(7), phase: MASTER }), undefined)
  const move = { side: 'out', id: 1, with: 'web3', step: 'offered', why: { kind: 'stop' }, until: ms(100) } as const
  assert.equal(vote({ web1: asks(7), peer: { move } }), undefined)
})

test('not while another one holds, unless it was forsaken', () => {
  assert.equal(vote({ web1: asks(7), web3: { says: ACTIVE } }), undefined)
  assert.equal(vote({ web1: { says: { ...ACTIVE, claim: 7 } } }), 'web1 7 until 3000', 'that one itself')
  const forsaken = { refusal: { node: 'web3', since: ms(-60_000) } }
  assert.equal(vote({ web1: asks(7), web3: { says: ACTIVE }, peer: forsaken }), 'web1 7 until 3000')
  assert.equal(
    vote({ web1: asks(7), web3: {}, peer: { refusal: { node: 'web1', since: ms(-60_000) } } }),
    'web1 7 until 3000',
  )
})

test('not just after the start while somebody is not heard', () => {
  const state = { wokeAt: ms(-1_000) }
  assert.equal(vote({ web1: asks(7), web3: 'unheard', state }), undefined)
  assert.equal(vote({ web1: asks(7), state }), 'web1 7 until 3000')
  assert.equal(vote({ web1: asks(7), web3: 'unheard' }), 'web1 7 until 3000')
})

test('given once it binds, whoever else asks, until it has run out or the claim is over', () => {
  assert.equal(vote({ web1: asks(7), web3: asks(8), peer: given() }), 'web1 7 until 3000')
  assert.equal(
    vote({ web3: asks(8), web4: asks(7), nodes: 4, peer: given({ to: 'web4' }) }),
    'web4 7 until 3000',
    'to a worse one',
  )
  assert.equal(vote({ web1: {}, peer: given() }), undefined)
  assert.equal(vote({ web1: asks(8), peer: given() }), 'web1 8 until 3000', 'its next claim')
  assert.equal(vote({ web3: asks(8), peer: given() }), 'web3 8 until 3000')
  assert.equal(vote({ peer: given({ to: 'web9' }) }), undefined)
})

test('given to a node that is silent since: it binds for as long as that may hold, and no longer', () => {
  const silent = (heardAt: number): Sight => ({
    web1: { ...asks(7), facts: { heardAt: ms(heardAt) } },
    web3: asks(8),
    peer: given(),
  })
  assert.equal(vote(silent(-3_099)), 'web1 7 until 1')
  assert.equal(vote(silent(-3_100)), 'web3 8 until 3000')
})

test('nothing changes where there was nothing', () => {
  const { instance, runtime, view } = see({})
  assert.equal(giveLeave(instance, runtime, view), runtime)
})

const voted = (claim = 5, changes = {}) => ({ says: { grant: { to: 'web2', claim }, ...changes } })
const missing = (sight: Sight, id: number | 'none' = 5): string => {
  const { instance, runtime, view } = see(sight)
  return missingVotes(instance, runtime, view, id === 'none' ? undefined : id).join()
}

test('missing are the votes of all that are alive and may claim', () => {
  assert.equal(missing({}), 'web1,web3')
  assert.equal(missing({ web1: voted() }), 'web3')
  assert.equal(missing({ web1: voted(), web3: voted() }), '')
  assert.equal(missing({ web1: voted(), web3: voted() }, 'none'), 'web1,web3', 'no claim is made yet')
  assert.equal(missing({ web1: voted(4), web3: { says: { grant: { to: 'web1', claim: 5 } } } }), 'web1,web3')
  assert.equal(missing({ web1: { facts: SILENT }, web3: { leaving: true } }), '')
  assert.equal(missing({ web1: { says: { priority: 0 } } }), 'web3')
  assert.equal(missing({ web1: { says: { priority: 0, holding: true } } }), 'web1,web3')
  assert.equal(missing({ peer: { refusal: { node: 'web1', since: ms(-60_000) } } }), 'web3')
})

test('a vote counts for as long as it binds for longer than a gate is open by it', () => {
  const promised = answersFor(fromMillis(2_000))
  const at = (provenAt: Micros | undefined): string =>
    missing({
      web1: { says: { grant: { to: 'web2', claim: 5 }, wait: fromMillis(2_000) }, facts: { provenAt } },
      web3: voted(),
    })
  assert.equal(at(plus(minus(NOW, promised), 1 as Micros)), '')
  assert.equal(at(minus(NOW, promised)), 'web1')
  assert.equal(at(undefined), 'web1')
  assert.equal(at(ZERO), 'web1')
})

test('where a majority is needed, enough have to vote, also those that could not claim', () => {
  const shape = { config: { quorum: 'majority' as const } }
  const idle = { says: { priority: 0 } }
  assert.equal(missing({ shape, web1: idle, web3: idle }), 'web1,web3')
  assert.equal(missing({ shape, web1: voted(5, { priority: 0 }), web3: idle }), '', 'two of three')
  assert.equal(
    missing({ shape, nodes: 4, web1: voted(5, { priority: 0 }), web3: idle, web4: idle }),
    'web3,web4',
    'two of four are half',
  )
  assert.equal(missing({ shape, nodes: 4, web1: voted(), web3: voted(), web4: idle }), '')
})
