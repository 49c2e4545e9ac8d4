import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answersFor } from '../../../src/engine/core/gate-deadline.ts'
import { lostQuorum, standingLimit } from '../../../src/engine/core/hold-limit.ts'
import { fromMillis, fromSeconds, type Micros, minus, plus } from '../../../src/shared/units.ts'
import { MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** When an active node has to step down because it lacks what a claim would need. */

const ALL = ['web1', 'web3', 'web4']
const MAJORITY = { config: { quorum: 'majority' as const } }
const ARBITER = {
  config: {
    witnesses: [
      {
        kind: 'arbiter',
        name: 'store',
        ttl: fromSeconds(5),
        timeout: fromSeconds(1),
        store: { kind: 'http', url: 'http://store/' },
      } as never,
    ],
  },
}
const lost = (sight: Sight): string | undefined => {
  const votes = new Map(ALL.map((name) => [name, ms(-110)]))
  const { instance, runtime, view, state } = see({ phase: MASTER, ...sight, peer: { votes, ...sight.peer } })
  return lostQuorum(instance, runtime, view, state)
}
const silent = { facts: SILENT }

test('a majority: more than half of all, this node counted', () => {
  assert.equal(lost({ shape: MAJORITY, web1: silent }), undefined)
  assert.equal(lost({ shape: MAJORITY, web1: silent, web3: silent }), '1 of 3 nodes are no majority')
  assert.equal(lost({ nodes: 4, shape: MAJORITY, web1: silent }), undefined)
  assert.equal(
    lost({ nodes: 4, shape: MAJORITY, web1: silent, web3: silent }),
    '2 of 4 nodes are no majority',
    'half are none',
  )
  assert.equal(
    lost({ shape: MAJORITY, web1: { leaving: true }, web3: silent }),
    '1 of 3 nodes are no majority',
    'who has left is none of them',
  )
  assert.equal(lost({ web1: silent, web3: silent }), undefined, 'not asked for')
})

test('heard for as long as both wait', () => {
  const heard = (at: number): Sight => ({ shape: MAJORITY, web1: { facts: { heardAt: ms(at) } }, web3: silent })
  assert.equal(lost(heard(-3_099)), undefined)
  assert.equal(lost(heard(-3_100)), '1 of 3 nodes are no majority')
  assert.equal(lost({ shape: MAJORITY, web1: 'unheard', web3: silent }), '1 of 3 nodes are no majority')
})

test('heard, and not supported by a majority any more', () => {
  const votes = (at: Micros): Sight => ({ shape: MAJORITY, peer: { votes: new Map(ALL.map((name) => [name, at])) } })
  const promised = answersFor(fromMillis(3_100))
  assert.equal(lost(votes(minus(NOW, promised))), 'no majority of nodes acknowledges it')
  assert.equal(lost(votes(plus(minus(NOW, promised), 1 as Micros))), undefined)
})

test("the arbiter's lease, when somebody is silent", () => {
  const leased = (at: number, sight: Sight = {}): Sight => ({
    shape: ARBITER,
    web1: silent,
    state: { leases: new Map([['www', ms(at)]]) },
    ...sight,
  })
  assert.equal(lost(leased(1)), undefined)
  assert.equal(lost(leased(0)), "web1 is silent, and the arbiter's lease is lost")
  assert.equal(lost(leased(1, { state: {} })), "web1 is silent, and the arbiter's lease is lost")
  assert.equal(lost(leased(0, { web1: {} })), undefined, 'all are heard')
  const left = "the arbiter's lease is lost, and a node is absent"
  assert.equal(lost(leased(0, { web1: { leaving: true } })), left, 'it may have started again, where it is not heard')
})

test('without a gate, and for an instance that is not known, nothing limits', () => {
  const { plan, instance, state } = see({ shape: MAJORITY, phase: MASTER })
  const { channel } = plan
  assert.ok(channel !== undefined)
  assert.notEqual(standingLimit(channel, instance, state, NOW), undefined)
  assert.equal(standingLimit(channel, { ...instance, gate: { kind: 'off' } }, state, NOW), undefined)
  assert.equal(standingLimit(channel, instance, { ...state, instances: new Map() }, NOW), undefined)
})
