import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWhole, toldOf, withRows } from '../../../src/engine/peer/told.ts'
import type { PeerFacts, PeerInstance, Row } from '../../../src/engine/peer/types.ts'
import { fromSeconds, type Micros } from '../../../src/shared/units.ts'
import { factsOf, instance, orderOf, report } from './support.ts'

/** A node with instances `a`, `b` and `c` tells of them in more than one datagram. */

const at = (seconds: number): Micros => fromSeconds(seconds)
const roster = (instances: number, digest = '00000001') => ({ digest, instances, services: 0 })
const heardAt = (seconds: number) => ({ provenAt: at(seconds - 0.1), heardAt: at(seconds), metAt: at(seconds) })
const of = (names: string, changes: Partial<PeerInstance> = {}) =>
  [...names].map((name) => instance({ name, ...changes }))

function next(facts: PeerFacts, names: string, seconds: number, counter: number, on = roster(3)): PeerFacts {
  const { instances: _instances, services: _services, ...head } = report({ roster: on })
  const heard = { head, order: orderOf(counter), ...heardAt(seconds) }
  const metAt = (row: Row<PeerInstance> | undefined): Micros => row?.metAt ?? heard.metAt
  const instances = withRows(facts.instances, of(names), heard, on.instances, metAt)
  return { ...facts, ...heard, metAt: facts.metAt, instances }
}

const first = factsOf('web2', report({ roster: roster(3), instances: of('ab') }), heardAt(1))

test('an instance counts from when it was told of, not from when its node was heard', () => {
  const facts = next(first, 'ac', 2, 2)
  const times = ['a', 'b', 'c']
    .map((name) => toldOf(facts, name))
    .map((told) => [told.heardAt, told.provenAt, told.metAt])
  assert.deepEqual(times, [
    [at(2), at(1.9), at(1)],
    [at(1), at(0.9), at(1)],
    [at(2), at(1.9), at(2)],
  ])
})

test('nothing is known of an instance that may come yet; one that is on no roster goes by its node', () => {
  assert.equal(isWhole(first), false)
  const { head, heardAt: never, says } = toldOf(first, 'c')
  assert.deepEqual([head, never, says], [undefined, undefined, undefined])
  const whole = next(first, 'c', 2, 2)
  assert.equal(isWhole(whole), true)
  const told = toldOf(whole, 'd')
  assert.deepEqual([told.says, told.heardAt, told.head?.roster], [undefined, at(2), roster(3)])
})

test('what was overtaken counts where nothing newer was said', () => {
  const newer = next(first, 'a', 3, 9)
  const facts = next(newer, 'ac', 4, 5)
  assert.deepEqual([toldOf(facts, 'a').heardAt, toldOf(facts, 'c').heardAt], [at(3), at(4)])
})

test('another roster: what is gone goes when the rest has come, and not before', () => {
  const whole = next(first, 'c', 2, 2)
  const part = next(whole, 'a', 3, 3, roster(2, '00000002'))
  assert.deepEqual([...part.instances.keys()], ['a', 'b', 'c'])
  const all = next(part, 'd', 3, 4, roster(2, '00000002'))
  assert.deepEqual([...all.instances.keys()].toSorted(), ['a', 'd'])
})

test('a connection that ended counts while nothing at all was heard of the node since', () => {
  const broken = { ...first, brokenAt: at(1) }
  assert.equal(toldOf(broken, 'a').brokenAt, at(1))
  assert.equal(toldOf(next(broken, 'b', 2, 2), 'a').brokenAt, undefined)
})
