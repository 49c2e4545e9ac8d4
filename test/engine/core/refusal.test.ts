import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import { followRefusal, isForsaken, refusalDeadline, tookFrom, wasForsaken } from '../../../src/engine/core/refusal.ts'
import { fromSeconds, minus, toMillis, ZERO } from '../../../src/shared/units.ts'
import { ACTIVE, backup, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** When a node withdraws its support from a holder that does not serve, and when that holder's gate is closed for sure. */

const CLOSED = { says: { ...ACTIVE, open: ZERO } }
function follow(sight: Sight): PeerRuntime {
  const { runtime, view } = see(sight)
  return followRefusal(runtime, view).peer
}
const since = (at: number, node = 'web1') => ({ node, since: ms(at) })

test('a holder whose gate is closed is noted from its word on, and refused after a little more than a report', () => {
  assert.deepEqual(follow({ web1: CLOSED }).closed, since(-100))
  assert.equal(follow({ web1: CLOSED }).refusal, undefined)
  const later = (at: number) => follow({ web1: CLOSED, peer: { closed: since(at) } })
  assert.deepEqual([later(-1_199).closed, later(-1_199).refusal], [since(-1_199), undefined])
  assert.deepEqual([later(-1_200).closed, later(-1_200).refusal], [since(-1_200), since(0)])
  assert.deepEqual(
    follow({ web1: CLOSED, peer: { closed: since(-1_200, 'web3') } }).closed,
    since(-100),
    'another one was',
  )
})

test('not: one that is open, moves the addresses, does not hold, is silent, is not fenced', () => {
  const changes = [
    { open: fromSeconds(1) },
    { move: { id: 1, with: 'web3', step: 'offer' as const } },
    { holding: false },
    { open: undefined },
  ]
  for (const change of changes) {
    const { closed, refusal } = follow({
      web1: { says: { ...CLOSED.says, ...change } },
      peer: { closed: since(-1_200), refusal: since(-10) },
    })
    assert.deepEqual([closed, refusal], [undefined, undefined], JSON.stringify(change))
  }
  assert.equal(follow({ web1: { ...CLOSED, facts: SILENT } }).closed, undefined)
})

test('only by a backup that could serve', () => {
  const closed = { peer: { closed: since(-5_000) }, web1: CLOSED }
  assert.equal(follow({ ...closed, phase: MASTER }).refusal, undefined)
  assert.equal(follow({ ...closed, runtime: { links: new Map() } }).refusal, undefined)
  assert.deepEqual(follow({ ...closed, phase: backup() }).refusal, since(0))
})

test('a refusal stands from when it began, for as long as the gate is closed', () => {
  const refused = { closed: since(-5_000), refusal: since(-3_000) }
  assert.deepEqual(follow({ web1: CLOSED, peer: refused }).refusal, since(-3_000))
  assert.deepEqual(follow({ web1: CLOSED, peer: refused, phase: MASTER }).refusal, since(-3_000))
  assert.deepEqual(
    follow({ web1: CLOSED, peer: { ...refused, refusal: since(-3_000, 'web3') } }).refusal,
    since(0),
    'another one',
  )
  const { runtime, view } = see({ web1: CLOSED, peer: refused })
  assert.equal(followRefusal(runtime, view), runtime)
  const nothing = see({})
  assert.equal(followRefusal(nothing.runtime, nothing.view), nothing.runtime)
})

test('its gate is closed for sure when what was promised to it has run out', () => {
  const forsaken = (at: number, node = 'web1'): boolean => {
    const { instance, runtime, view, other } = see({ web1: CLOSED, peer: { refusal: since(at, node) } })
    return isForsaken(instance, runtime, view, other('web1'))
  }
  assert.deepEqual([forsaken(-3_062), forsaken(-3_063), forsaken(-3_063, 'web3')], [false, true, false])
  const { instance, runtime, view, other } = see({
    web1: CLOSED,
    peer: { refusal: { node: 'web1', since: minus(NOW, 3_062_500 as never) } },
  })
  assert.equal(isForsaken(instance, runtime, view, other('web1')), true)
})

test('the next step is due when patience, or the promise, has run out', () => {
  const due = (peer: Partial<PeerRuntime>): number | undefined => {
    const { instance, runtime, view } = see({ web1: CLOSED, web3: { every: fromSeconds(5) }, peer })
    const at = refusalDeadline(instance, runtime, view)
    return at && toMillis(minus(at, NOW))
  }
  assert.equal(due({}), undefined)
  assert.equal(due({ closed: since(-100) }), 1_100)
  assert.equal(due({ closed: since(-5_000), refusal: since(-1_000) }), 2_062.5)
})

test('whoever was taken over from is not handed the addresses for ten times the wait', () => {
  const { instance, runtime } = see({})
  const taken = tookFrom(instance, runtime, 'web1', NOW)
  assert.deepEqual([taken.node, toMillis(minus(taken.until, NOW))], ['web1', 30_625])
  const after = { ...runtime, peer: { ...runtime.peer, tookFrom: taken } }
  assert.deepEqual(
    [wasForsaken(after, 'web1', minus(taken.until, 1 as never)), wasForsaken(after, 'web1', taken.until)],
    [true, false],
  )
  assert.deepEqual([wasForsaken(after, 'web3', NOW), wasForsaken(runtime, 'web1', NOW)], [false, false])
})
