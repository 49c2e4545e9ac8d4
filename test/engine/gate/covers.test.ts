import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attributeList, covers } from '../../../src/engine/gate/covers.ts'
import { attribute, concat, nested, text } from '../../../src/engine/io/netlink-message.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test('the kernel may add, also inside of nests, and leave the nesting flag out', () => {
  const wanted = [attribute(1, text('a')), nested(4, [attribute(2, bytes(9))])]
  const found = concat([
    attribute(8, bytes(0)),
    attribute(4, concat([attribute(3, bytes(1)), attribute(2, bytes(9))])),
    attribute(1, text('a')),
  ])
  assert.ok(covers(found, wanted))
})

test('what is missing or different is seen, at any depth', () => {
  const found = concat([attribute(1, bytes(1)), attribute(4, attribute(2, bytes(9)))])
  for (const wanted of [
    [attribute(2, bytes(1))],
    [attribute(1, bytes(2))],
    [attribute(1, bytes(1, 0))],
    [nested(4, [attribute(2, bytes(8))])],
    [nested(4, [attribute(7, bytes(9))])],
    [attribute(1, bytes(1)), attribute(1, bytes(1))],
  ]) {
    assert.ok(!covers(found, wanted))
  }
})

test('the order of equal types counts: expressions of a rule', () => {
  const list = (...each: number[]) => concat(each.map((value) => attribute(1, bytes(value))))
  assert.ok(covers(list(1, 2, 3), [list(1, 2)]))
  assert.ok(!covers(list(1, 2, 3), [list(2, 1)]))
})

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (found, wanted) => {
      attributeList(found)
      covers(found, [wanted])
    }),
  )
})
