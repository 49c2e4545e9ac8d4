import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addLook, type Sighting, viewHolders } from '../../src/lab/witness-timeline.ts'

/** One look each 10 ms from 0 on: who answers ARP; a space is nobody, `2` is both a and b. */
function seen(pattern: string, accepts = pattern): Sighting[] {
  const sightings: Sighting[] = []
  const boxes = (letter: string | undefined) =>
    letter === '2' ? ['a', 'b'] : letter === ' ' || letter === undefined ? [] : [letter]
  for (const [index, letter] of [...pattern].entries()) {
    addLook(sightings, { at: index * 10, arp: boxes(letter), accepts: boxes(accepts[index]) })
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
  addLook(sightings, { at: 210, arp: ['b'], accepts: [] })
  const view = viewHolders(sightings, 0, 220)
  assert.equal(view.twoMs, 10)
  assert.equal(view.blindMs, 200)
})
