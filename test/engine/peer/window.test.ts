import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Arrivals, highestOf, judge, remember } from '../../../src/engine/peer/window.ts'
import { fromMillis, fromSeconds, type Micros, plus, ZERO } from '../../../src/shared/units.ts'

const filled = (counters: readonly number[], at: Micros = ZERO, path = 'lan'): Arrivals =>
  counters.reduce<Arrivals>((arrivals, counter) => remember(arrivals, counter, path, at), [])

test('what is newer than all is newest, however large the gap', () => {
  assert.equal(judge([], 1, 'lan', ZERO), 'newest')
  assert.equal(judge(filled([3]), 2 ** 50, 'lan', ZERO), 'newest')
})

test('a copy by another path tells of it, unless it comes a second later', () => {
  const arrivals = filled([1, 2, 3])
  assert.equal(judge(arrivals, 3, 'line', fromSeconds(1)), 'again')
  assert.equal(judge(arrivals, 3, 'line', plus(fromSeconds(1), 1 as Micros)), 'late')
  assert.equal(judge(arrivals, 3, 'lan', ZERO), 'replayed')
})

test('one that was overtaken may come, unless the one that overtook it is a second old', () => {
  const arrivals = remember(filled([1, 9]), 12, 'lan', fromMillis(900))
  assert.equal(judge(arrivals, 5, 'lan', fromMillis(950)), 'overtaken')
  assert.equal(judge(arrivals, 5, 'lan', fromMillis(1_050)), 'late')
  assert.equal(judge(arrivals, 11, 'lan', fromMillis(1_050)), 'overtaken')
})

test('the window is short, and what is older than it is a replay', () => {
  const arrivals = filled(Array.from({ length: 400 }, (_, index) => index + 1))
  assert.equal(arrivals.length, 256)
  assert.equal(judge(arrivals, 144, 'line', ZERO), 'replayed')
  assert.equal(judge(arrivals, 145, 'line', ZERO), 'again')
})

test('in any order, each counter is taken once by each path, and the newest only rises', () => {
  const datagram = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom('lan', 'line'), fc.nat({ max: 200_000 }))
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 300 }), (datagrams) => {
      const taken = new Set<string>()
      let arrivals: Arrivals = []
      let now = ZERO
      for (const [counter, path, pause] of datagrams) {
        now = plus(now, pause as Micros)
        const [novelty, highest] = [judge(arrivals, counter, path, now), highestOf(arrivals)]
        assert.equal(novelty === 'newest', counter > highest)
        if (novelty === 'replayed' || novelty === 'late') continue
        assert.ok(!taken.has(`${counter} ${path}`))
        taken.add(`${counter} ${path}`)
        arrivals = remember(arrivals, counter, path, now)
        assert.equal(highestOf(arrivals), Math.max(highest, counter))
      }
    }),
  )
})
