import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addLook, type Sighting, viewHolders } from '../../src/lab/witness-timeline.ts'

const boxes = (letter: string | undefined): string[] =>
  letter === '2' ? ['a', 'b'] : letter === ' ' || letter === undefined ? [] : [letter]

/** One look each 10 ms from 0 on: who answers ARP and who accepts; a space is nobody, `2` is both a and b. */
function seen(pattern: string, accepts = pattern): Sighting[] {
  const sightings: Sighting[] = []
  for (const [index, letter] of [...pattern].entries()) {
    const look = { arp: boxes(letter), accepts: boxes(accepts[index]) }
    addLook(sightings, { at: index * 10, ...look, order: [...look.accepts, ...look.arp] })
  }
  return sightings
}

/** One look of each text, 10 ms apart: whose answers came, in their order. */
function answered(...looks: readonly string[]): Sighting[] {
  const sightings: Sighting[] = []
  for (const [index, order] of looks.entries()) {
    const who = [...new Set(order)].sort()
    addLook(sightings, { at: index * 10, arp: who, accepts: who, order: [...order] })
  }
  return sightings
}

test('looks that saw the same become one sighting', () => {
  assert.deepEqual(
    seen('aaabb').map(({ from, to, arp }) => [from, to, arp.join()]),
    [
      [0, 20, 'a'],
      [30, 40, 'b'],
    ],
  )
})

test('a clean hand-over has neither two holders nor none', () => {
  const view = viewHolders(seen('aaabbb'), 0, 60)
  assert.deepEqual([view.twoMs, view.noneMs, view.blindMs], [0, 0, 10])
  assert.deepEqual(view.held, { a: [{ from: 0, to: 30 }], b: [{ from: 30, to: 60 }] })
})

test('two holders and none are counted, in all and in one piece', () => {
  const view = viewHolders(seen('aa2222bbb2bb   b'), 0, 160)
  assert.deepEqual([view.twoMs, view.longestTwoMs], [50, 40])
  assert.deepEqual([view.noneMs, view.longestNoneMs], [30, 30])
})

test('an address that moves while one look is asking has no two holders', () => {
  const moved = viewHolders(answered('a', 'a', 'ab', 'b', 'b'), 0, 50)
  assert.deepEqual([moved.twoMs, moved.noneMs], [0, 0])
  assert.equal(viewHolders(answered('ab', 'b'), 0, 20).twoMs, 0)
})

test('a box that answers again after the other one did is a second holder, also for one look', () => {
  assert.equal(viewHolders(answered('a', 'aba', 'b'), 0, 30).twoMs, 10)
  assert.equal(viewHolders(answered('a', 'ba', 'b'), 0, 30).twoMs, 10)
  assert.equal(viewHolders(answered('a', 'ab', 'ab', 'b'), 0, 40).twoMs, 20)
  assert.equal(viewHolders(answered('a', 'ab', 'a'), 0, 30).twoMs, 10)
})

test('one box answering ARP and another one accepting connections are two holders', () => {
  assert.equal(viewHolders(seen('aaaa', 'aabb'), 0, 40).twoMs, 20)
  assert.equal(viewHolders(seen('aaaa', '    '), 0, 40).twoMs, 0)
})

test('only the period counts, also of a sighting that reaches over its ends', () => {
  const view = viewHolders(seen('2222222222'), 25, 65)
  assert.equal(view.twoMs, 40)
})

test('what was not looked at is counted for one look at most, and told as blind', () => {
  const sightings = seen('a2')
  addLook(sightings, { at: 210, arp: ['b'], accepts: [], order: ['b'] })
  const view = viewHolders(sightings, 0, 220)
  assert.equal(view.twoMs, 10)
  assert.equal(view.blindMs, 200)
})
