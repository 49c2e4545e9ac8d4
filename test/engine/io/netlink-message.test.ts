import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  attribute,
  concat,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  getText,
  NLA_F_NESTED,
  nested,
  statusOf,
  text,
} from '../../../src/engine/io/netlink-message.ts'

const payload = fc.uint8Array({ maxLength: 70 })
const request = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  payload,
})

test('messages in one datagram come out as they went in, whatever their padding', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 5 }), (requests) => {
      const datagram = concat(requests.map((each, at) => encodeMessage(each, at + 7)))
      const decoded = decodeMessages(datagram)
      assert.ok(decoded.ok)
      assert.deepEqual(
        decoded.value.map(({ payload: bytes, ...rest }) => ({ ...rest, payload: [...bytes] })),
        requests.map((each, at) => ({ ...each, seq: at + 7, port: 0, payload: [...each.payload] })),
      )
    }),
  )
})

test('attributes come out as they went in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 0x3fff })), payload, (types, data) => {
      const decoded = decodeAttributes(concat(types.map((type) => attribute(type, data))))
      assert.deepEqual([...(decoded?.keys() ?? [])], types)
      for (const bytes of decoded?.values() ?? []) assert.deepEqual([...bytes], [...data])
    }),
  )
})

test('no bytes make the decoders throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeAttributes(bytes)
      const decoded = decodeMessages(bytes)
      if (decoded.ok) for (const message of decoded.value) statusOf(message)
    }),
  )
})

test('a length that does not add up is an error', () => {
  const message = encodeMessage({ type: 16, flags: 0, payload: new Uint8Array(4) }, 1)
  assert.equal(decodeMessages(message.subarray(0, 10)).ok, false, 'cut within the header')
  assert.equal(decodeMessages(message.subarray(0, 18)).ok, false, 'cut within the payload')
  assert.equal(decodeMessages(new Uint8Array(16)).ok, false, 'length 0')
  assert.equal(decodeAttributes(Uint8Array.of(8, 0, 1, 0)), undefined, 'longer than what is there')
  assert.equal(decodeAttributes(Uint8Array.of(3, 0, 1, 0)), undefined, 'shorter than its header')
})

test('nested attributes carry the flag; text ends at NUL', () => {
  const whole = nested(26, [attribute(1, text('eth0'))])
  assert.equal(new DataView(whole.buffer).getUint16(2, true), 26 | NLA_F_NESTED)
  const inner = decodeAttributes(decodeAttributes(whole)?.get(26) ?? new Uint8Array())
  assert.equal(getText(inner?.get(1) ?? new Uint8Array()), 'eth0')
  assert.equal(getText(Uint8Array.of(0x61, 0, 0x62)), 'a')
})
