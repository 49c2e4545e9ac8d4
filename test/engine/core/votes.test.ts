import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answersFor } from '../../../src/engine/core/gate-deadline.ts'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import { isHeardBy, noteVote, rememberAdvert } from '../../../src/engine/core/votes.ts'
import type { PeerInstance } from '../../../src/engine/peer/types.ts'
import { fromMillis, type Micros, minus, plus, toMillis, ZERO } from '../../../src/shared/units.ts'
import { reportOf } from '../peer/support.ts'
import { MASTER, ms, NOW, type Sight, see } from './views.ts'

/** What another node has acknowledged of this one, and for how long that binds it. */

const active = (sight: Sight): Sight => ({
  phase: MASTER,
  ...sight,
  peer: { holding: true, votes: new Map([['web3', ms(-210)]]), ...sight.peer },
})

describe('a vote', () => {
  const noted = (says: Partial<PeerInstance>, peer: Partial<PeerRuntime> = {}, provenAt = -110): number | undefined => {
    const { instance, runtime, state, view } = see(active({ web3: { says }, peer }))
    const report = reportOf(state.peers.get('web3') ?? assert.fail())
    const after = noteVote(instance, runtime, { node: 'web3', report, provenAt: ms(provenAt), now: NOW }, view)
    if (after === runtime) return undefined
    return Math.round(toMillis(minus(after.peer.votes.get('web3') ?? ZERO, NOW)))
  }
  const advert = (id: number, age: number, node = 'web2') => ({ advert: { node, id, age: fromMillis(age) } })
  const adverts = [
    { id: 1, at: ms(-600) },
    { id: 2, at: ms(-90) },
    { id: 1, at: ms(-60) },
  ]
  test('by the channel', () => assert.equal(noted({}), -110))
  test('older than what is known', () => assert.equal(noted({}, {}, -310), undefined))
  test('refused', () => assert.equal(noted({ refuses: 'web2' }), undefined))
  test('another one is refused', () => assert.equal(noted({ refuses: 'web1' }), -110))
  test('by an advert that was sent later', () => assert.equal(noted(advert(2, 80), { adverts }), -90))
  test('by an advert that was sent before', () => assert.equal(noted(advert(2, 80), { adverts }, -50), -50))
  test('by the last advert of that number', () => assert.equal(noted(advert(1, 60), { adverts }), -60))
  test('by one of that number of an earlier life', () => assert.equal(noted(advert(1, 61), { adverts }), -110))
  test('by one that is not known', () => assert.equal(noted(advert(3, 10), { adverts }), -110))
  test('by one of another node', () => assert.equal(noted(advert(2, 80, 'web1'), { adverts }), -110))
  test('of a node without the instance', () => assert.equal(noted({ name: 'other' }), -110))
  test('the first one', () => assert.equal(noted({}, { votes: new Map() }), -110))
})

test('the last sixteen adverts are remembered', () => {
  let { peer } = see({}).runtime
  for (let id = 1; id <= 20; id += 1) peer = rememberAdvert(peer, id, ms(id))
  assert.deepEqual(
    [peer.adverts.length, peer.adverts[0], peer.adverts.at(-1)],
    [16, { id: 5, at: ms(5) }, { id: 20, at: ms(20) }],
  )
})

test('a node hears this one for as long as what it acknowledged binds it', () => {
  const heard = (at: Micros, says = {}): boolean => {
    const { instance, runtime, other } = see({ web1: { says }, peer: { votes: new Map([['web1', at]]) } })
    return isHeardBy(instance, runtime, other('web1'), NOW)
  }
  const promised = answersFor(fromMillis(3_100))
  assert.equal(heard(plus(minus(NOW, promised), 1 as Micros)), true)
  assert.equal(heard(minus(NOW, promised)), false)
  assert.equal(
    heard(ms(-2_000), { name: 'other' }),
    true,
    'one without the instance would listen for as long as this one does',
  )
  assert.equal(heard(ms(-3_020), { name: 'other' }), false)
})
