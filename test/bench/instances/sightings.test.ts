import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitOf, createSightings, NOBODY, STRANGER } from '../../../bench/instances/sightings.ts'

const [WEB1, WEB2] = [bitOf('web1'), bitOf('web2')]

test('all are served from the round in which the last one is', () => {
  const sightings = createSightings(2)
  sightings.add({ at: 100, changes: [[0, WEB1]] })
  assert.equal(sightings.servedSince(WEB1), undefined)
  sightings.add({ at: 120, changes: [[1, WEB1]] })
  sightings.add({ at: 140, changes: [] })
  assert.equal(sightings.servedSince(WEB1), 120)
  assert.equal(sightings.aloneSince(WEB1), 120)
  sightings.add({ at: 160, changes: [[1, WEB1 | WEB2]] })
  assert.equal(sightings.servedSince(WEB1), 120, 'served, though not by it alone')
  assert.equal(sightings.aloneSince(WEB1), undefined)
  sightings.add({ at: 180, changes: [[1, WEB2]] })
  assert.equal(sightings.servedSince(WEB1), undefined)
  assert.equal(sightings.count(WEB1), 1)
})

test('what a period shows: two at once, nobody, and when nobody looked', () => {
  const sightings = createSightings(3)
  sightings.add({
    at: 0,
    changes: [
      [0, WEB1],
      [1, WEB1],
      [2, WEB1],
    ],
  })
  sightings.add({ at: 20, changes: [[0, NOBODY]] })
  sightings.add({
    at: 90,
    changes: [
      [0, WEB2],
      [1, WEB1 | WEB2],
      [2, WEB1 | STRANGER],
    ],
  })
  sightings.add({ at: 110, changes: [[1, WEB2]] })
  assert.deepEqual(sightings.view(0, 200), {
    twoAddresses: 2,
    longestTwoMs: 20,
    longestNoneMs: 70,
    noneAddresses: 1,
    blindMs: 70,
  })
})

test('only what lies in the period counts', () => {
  const sightings = createSightings(1)
  for (const at of [0, 50]) sightings.add({ at, changes: [] })
  sightings.add({ at: 100, changes: [[0, WEB1]] })
  sightings.add({ at: 120, changes: [] })
  assert.equal(sightings.view(60, 200).longestNoneMs, 40)
  assert.equal(sightings.view(100, 200).longestNoneMs, 0)
})

test('what lasts until now counts up to the last round', () => {
  const sightings = createSightings(1)
  sightings.add({ at: 0, changes: [[0, WEB1]] })
  sightings.add({ at: 20, changes: [[0, NOBODY]] })
  sightings.add({ at: 80, changes: [] })
  assert.equal(sightings.view(0, 1_000).longestNoneMs, 60)
})
