import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { internetChecksum, pseudoHeader } from '../../../src/engine/vrrp/checksum.ts'
import { fromHex, ip, OURS } from './setting.ts'

test('the example of RFC 1071 section 3', () => {
  assert.equal(internetChecksum(fromHex('0001f203f4f5f6f7')), 0xffff - 0xddf2)
})

test('an odd length is padded with a zero byte', () => {
  assert.equal(internetChecksum(fromHex('0001f2')), internetChecksum(fromHex('0001f200')))
})

test('a carry that makes another carry is folded in too', () => {
  assert.equal(internetChecksum(fromHex('ffff ffff 0001')), 0xfffe)
})

test('nothing sums to the complement of zero', () => {
  assert.equal(internetChecksum(), 0xffff)
})

test('data with its checksum filled in sums to zero, in one part or in two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (first, rest) => {
      const head = Uint8Array.of(...first, ...first)
      const sum = internetChecksum(head, rest)
      assert.equal(internetChecksum(Uint8Array.of(sum >> 8, sum & 0xff), head, rest), 0)
      assert.equal(internetChecksum(Uint8Array.of(sum >> 8, sum & 0xff, ...head, ...rest)), 0)
    }),
  )
})

test('the pseudo-header is source, destination, zero, protocol and length', () => {
  const bytes = pseudoHeader(OURS, ip('224.0.0.18'), 0x0110)
  assert.deepEqual(bytes, fromHex('c000020a e0000012 00 70 0110'))
})
