import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answersFor } from '../../../src/engine/core/gate-deadline.ts'
import { holdLimit, isVouched, limitsUntil } from '../../../src/engine/core/hold-limit.ts'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import type { PeerFacts, PeerInstance } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds, type Micros, minus, plus, toMillis, ZERO } from '../../../src/shared/units.ts'
import { ACTIVE, backup, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** How long the gate of an active node may be open by what the others say, rule by rule. */

const PROMISED = answersFor(fromMillis(3_100))
const VOTES = new Map([
  ['web1', ms(-110)],
  ['web3', ms(-210)],
])
const active = (sight: Sight = {}): Sight => ({
  phase: MASTER,
  ...sight,
  peer: { holding: true, heldSince: ms(-10_000), votes: VOTES, ...sight.peer },
})
/** Milliseconds from now, or 'closed'; `*`: the votes are complete. */
function limitOf(sight: Sight): string {
  const { plan, instance, state } = see(active(sight))
  const limit = holdLimit(plan, instance, state, NOW)
  if (limit === undefined) return 'none'
  const { until, complete, reason } = limit
  return `${until === ZERO ? 'closed' : toMillis(minus(until, NOW))}${complete ? ' *' : ''}: ${reason}`
}
const row = (name: string, sight: Sight, expected: string): void =>
  void test(`${name}: ${expected}`, () => assert.equal(limitOf(sight), expected))
const after = (votedAt: number): number => toMillis(minus(plus(ms(votedAt), PROMISED), NOW))
const by = (node: string, votedAt: number, complete = ''): string =>
  `${after(votedAt)}${complete}: ${node} does not acknowledge that this node holds the addresses`

describe('what the others acknowledge', () => {
  row('the one that heard us longest ago', {}, by('web3', -210, ' *'))
  row('the other way round', { peer: { votes: new Map([...VOTES, ['web1', ms(-310)]]) } }, by('web1', -310, ' *'))
  row('nobody else takes part by the channel', { web1: 'unheard', web3: 'unheard' }, 'none')
  row('a silent one has its say by its timer', { web3: { facts: SILENT } }, by('web1', -110))
  row(
    'routers that are no haup nodes vote for nobody',
    { plan: { peers: [...see({}).instance.peers, ...see({}).instance.peers] } },
    by('web3', -210),
  )
  row('it never voted', { peer: { votes: new Map([['web1', ms(-110)]]) } }, closedBy('web3'))
  row('not active', { phase: backup() }, 'closed: this node lets go of the addresses')
  row('no gate', { plan: { gate: { kind: 'off' } } }, 'none')
  row('the instance is not known', { state: { instances: new Map() } }, 'none')
})

function closedBy(node: string): string {
  return `${toMillis(minus(ms(-60_000 + 50), NOW))} *: ${node} does not acknowledge that this node holds the addresses`
}

describe('who limits nothing', () => {
  const web3 = (
    says: Partial<PeerInstance>,
    facts: Partial<PeerFacts> = {},
    peer: Partial<PeerRuntime> = {},
  ): Sight => ({ web3: { says, facts }, peer })
  const free = by('web1', -110)
  const bound = by('web3', -210, ' *')
  row('who does not have the instance', web3({ name: 'other' }), free)
  row('who takes no part', web3({ priority: 0 }), free)
  row('who takes no part, and holds', web3({ priority: 0, holding: true }), bound)
  row('who cannot serve', web3({ readiness: 'unable' }), free)
  row('who cannot serve, and asks', web3({ readiness: 'unable', claim: 1 }), bound)
  row('who cannot serve, and asks this one', web3({ readiness: 'unable', claim: 1, follows: 'web2' }), free)
  row('who cannot serve, and asks another one', web3({ readiness: 'unable', claim: 1, follows: 'web1' }), bound)
  row('who cannot serve, and refuses this one', web3({ readiness: 'unable', refuses: 'web2' }), bound)
  row('who cannot serve, and holds', web3({ readiness: 'unable', holding: true }), bound)
  row('who is refused, and closed', web3({ open: ZERO }, {}, { refusal: { node: 'web3', since: NOW } }), free)
  row('who is refused, and open', web3({ open: fromSeconds(1) }, {}, { refusal: { node: 'web3', since: NOW } }), bound)
  row('another one is refused', web3({ open: ZERO }, {}, { refusal: { node: 'web1', since: NOW } }), by('web3', -210))
  const late = { votes: new Map([...VOTES, ['web3', ms(-3_049)] as const]) }
  const ended = '0 *: web3 does not acknowledge that this node holds the addresses'
  row('who is late', web3({}, {}, late), ended)
  row('who is late, and listens before it claims', web3({ listens: true }, {}, late), free)
  row(
    'who listens, and this one does, too',
    { ...web3({ listens: true }, {}, late), state: { wokeAt: ms(-100) } },
    ended,
  )
  row('who listens, and has voted', web3({ listens: true }), bound)
  row('who listens, and asks', web3({ listens: true, claim: 1 }, {}, late), ended)
  row('who listens, and lets go', web3({ listens: true, holding: true }, {}, late), ended)
  const gone = (at: number, heldSince: number | undefined): Partial<PeerRuntime> => ({
    gone: new Map([['web3', ms(at)]]),
    heldSince: heldSince === undefined ? undefined : ms(heldSince),
  })
  row('who was seen dead when this one claimed', web3({}, {}, gone(-60, -50)), free)
  row('who was seen dead at the instant of both', web3({}, {}, gone(-100, -100)), free)
  row('who was heard since it was seen dead', web3({}, {}, gone(-101, -50)), bound)
  row('who was seen dead after this one claimed', web3({}, {}, gone(-49, -50)), bound)
  row('who was seen dead, and this one has not claimed', web3({}, {}, gone(-60, undefined)), bound)
})

describe('a second one that is active', () => {
  const rival = (says = {}, facts = {}, peer = {}): Sight => ({ web3: { says: { ...ACTIVE, ...says }, facts }, peer })
  const both = 'closed *: web3 holds the addresses, too: closed until one of them has let go'
  row('neither answers', rival(), both)
  row('it lets go', rival({ state: 'BACKUP' }), by('web3', -210, ' *'))
  row('it does not hold any more', rival({ holding: false }), by('web3', -210, ' *'))
  row('it said so before this one claimed', rival({}, {}, { heldSince: ms(-110) }), by('web3', -210, ' *'))
  row('just after', rival({}, {}, { heldSince: ms(-111) }), both)
  row('it has not heard this one at all', rival({}, { provenAt: undefined }), by('web3', -210, ' *'))
  row(
    'silent: until its gate has closed for want of adverts',
    rival({}, { heardAt: ms(-4_099), provenAt: ms(-4_150) }),
    both,
  )
  row('silent for longer', rival({}, { heardAt: ms(-4_100), provenAt: ms(-4_150) }), by('web1', -110))
  row('it has left', { web3: { says: ACTIVE, leaving: true } }, by('web1', -110))
})

const ARBITER = {
  shape: {
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
  },
}
const LEASE = "the arbiter's lease is lost, and a node is absent"

describe('heard again after a silence', () => {
  const met = (sight: Sight = {}): Sight => ({
    web3: { facts: { metAt: ms(-10) } },
    peer: { votes: new Map([['web1', ms(-110)]]) },
    ...sight,
  })
  const reason = 'web3 does not acknowledge that this node holds the addresses'
  row('a moment to acknowledge', met(), `40 *: ${reason}`)
  row('it has acknowledged', met({ peer: { votes: VOTES } }), by('web3', -210, ' *'))
  row('never met', met({ web3: { facts: { metAt: undefined } } }), `closed *: ${reason}`)
  const arbiter = ARBITER
  const lease = (at: number) => ({ ...arbiter, state: { leases: new Map([['www', ms(at)]]) } })
  row('not beyond the lease', met(lease(10)), `10 *: ${reason}`)
  row('a longer lease, without which that node does not claim', met(lease(100)), `100 *: ${reason}`)
  row('no lease', met(arbiter), `closed *: ${reason}`)
  row(
    'with a lease, one is silent',
    { ...lease(10), web3: { facts: SILENT } },
    "10: the arbiter's lease is lost, and a node is absent",
  )
  row(
    'no lease, one is silent',
    { ...arbiter, web3: { facts: SILENT } },
    "closed: the arbiter's lease is lost, and a node is absent",
  )
  row(
    'with a lease, one is just silent',
    { ...lease(10), web3: { facts: { ...SILENT, heardAt: ms(-2_500) } } },
    `10: ${LEASE}`,
  )
  row('no lease, all are heard', arbiter, by('web3', -210, ' *'))
})

describe('a majority', () => {
  const majority = (nodes: number, ...votedAt: readonly number[]): Sight => ({
    nodes,
    shape: { config: { quorum: 'majority' } },
    peer: {
      votes: new Map(
        ['web1', 'web3', 'web4', 'web5'].flatMap((name, index) =>
          votedAt[index] === undefined ? [] : [[name, ms(votedAt[index])] as const],
        ),
      ),
    },
    web1: { facts: SILENT },
    web3: { facts: SILENT },
    web4: { facts: SILENT },
    web5: { facts: SILENT },
  })
  const until = (votedAt: number) => `${after(votedAt)}: no majority of nodes acknowledges it`
  row('three: the latest one', majority(3, -310, -210), until(-210))
  row('four: two others', majority(4, -310, -410, -210), until(-310))
  row('five: two others', majority(5, -310, -410, -210, -510), until(-310))
  row('two: the other one', majority(2, -310), until(-310))
  row('one of them ends earlier', { ...majority(3, -310, -110), web1: {} }, by('web1', -310))
  row('the only one, and the majority with it', { ...majority(2, -310), web1: {} }, by('web1', -310, ' *'))
  row('without another node that could claim', { ...majority(3, -310, -210), plan: { peers: [] } }, until(-210))
  const both = (lease: number): Sight => ({
    ...majority(3, -310, -210),
    shape: { config: { ...ARBITER.shape.config, quorum: 'majority' } },
    state: { leases: new Map([['www', ms(lease)]]) },
  })
  row('with a lease that ends later', both(60_000), until(-210))
  row('with a lease that ends earlier', both(10), `10: ${LEASE}`)
  row('nobody', majority(3), 'closed: no majority of nodes acknowledges it')
})

test('adverts need not be sent while all have voted, and not for longer', () => {
  const vouched = (sight: Sight): boolean => {
    const { plan, instance, state } = see(active(sight))
    return isVouched(plan, instance, state, NOW)
  }
  assert.equal(vouched({}), true)
  assert.equal(vouched({ web3: { facts: SILENT } }), false)
  const votes = (at: Micros) => ({ peer: { votes: new Map([...VOTES, ['web3', at] as const]) } })
  assert.equal(vouched(votes(minus(NOW, PROMISED))), false)
  assert.equal(vouched(votes(plus(minus(NOW, PROMISED), 1 as Micros))), true)
})

test('for how long a node limits what is held here', () => {
  const until = (facts: Partial<PeerFacts>, every = 1_000, wait = 3_100): number => {
    const { facts: all } = see({ web1: { facts, says: { wait: fromMillis(wait) } } }).other('web1')
    const { head } = all
    return limitsUntil({ ...all, head: head && { ...head, every: fromMillis(every) } }) / 1_000 - NOW / 1_000
  }
  assert.equal(until({}), 2_400, 'two and a half reports')
  assert.equal(until({ provenAt: undefined }), 2_400)
  assert.equal(
    until({ provenAt: ms(-149) }, 100, 300),
    -149 + 277 - 20,
    'it has just acknowledged: in time before that ends',
  )
  assert.equal(until({ provenAt: ms(-150) }, 100, 300), 150, 'half a report ago: no news')
  assert.equal(until({ provenAt: ms(-149) }, 100, 299), 150, 'not fenced')
  assert.equal(until({ heardAt: undefined }), -NOW / 1_000)
  const { other } = see({ web1: { leaving: true }, web3: 'unheard' })
  assert.deepEqual([limitsUntil(other('web1').facts), limitsUntil(other('web3').facts)], [ZERO, ZERO])
})
