import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeBody,
  decodeHeader,
  encodeBody,
  encodeHeader,
  HEADER_BYTES,
  HELLO_BYTES,
  type Header,
  TAG_BYTES,
} from '../../../src/engine/peer/frame.ts'

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'))
const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const anyHeader: fc.Arbitrary<Header> = fc
  .record({
    kind: fc.constantFrom('report', 'hello'),
    key: hex(4),
    from: hex(8),
    to: hex(8),
    session: hex(16),
    counter,
  })
  .map((each) => ({ ...each }))
const framed = (header: Uint8Array): Uint8Array => Buffer.concat([header, new Uint8Array(TAG_BYTES)])
const HEADER: Header = {
  kind: 'report',
  key: '01020304',
  from: '1111111111111111',
  to: '2222222222222222',
  session: '33333333333333333333333333333333',
  counter: 258,
}

test('a header as it stands on the wire', () => {
  assert.equal(
    Buffer.from(encodeHeader(HEADER)).toString('hex'),
    `68617570${'03'}${'01'}0000${'01020304'}${'11'.repeat(8)}${'22'.repeat(8)}${'33'.repeat(16)}0000000000000102`,
  )
  assert.deepEqual([HEADER_BYTES, HELLO_BYTES], [52, 100])
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyHeader, (header) => {
      assert.deepEqual(decodeHeader(framed(encodeHeader(header))), { ok: true, value: header })
    }),
  )
  const ack = fc.option(fc.record({ session: hex(16), counter, proven: fc.boolean() }), { nil: undefined })
  const report = fc.option(fc.uint8Array({ minLength: 1, maxLength: 50 }), { nil: undefined })
  fc.assert(
    fc.property(ack, report, (acknowledged, said) => {
      const body = decodeBody(encodeBody({ ack: acknowledged, report: said }))
      assert.deepEqual(body?.ack, acknowledged && { ...acknowledged })
      assert.deepEqual(body?.report, said)
    }),
  )
})

test('what cannot be a header is refused with the reason', () => {
  const changed = (at: number, value: number): string => {
    const bytes = framed(encodeHeader(HEADER))
    bytes[at] = value
    const decoded = decodeHeader(bytes)
    return decoded.ok ? 'none' : `${decoded.error.kind}: ${decoded.error.detail}`
  }
  assert.equal(changed(0, 0), 'malformed: not of haup')
  assert.equal(changed(4, 1), 'version: format 1, ours is 3')
  assert.equal(changed(5, 3), 'malformed: unknown kind')
  assert.equal(changed(6, 1), 'malformed: unknown kind')
  assert.equal(changed(44, 1), 'malformed: counter out of range')
  assert.deepEqual(decodeHeader(encodeHeader(HEADER)), {
    ok: false,
    error: { kind: 'malformed', detail: '52 bytes are too few' },
  })
})

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(decodeHeader(bytes).ok, false)
      const body = decodeBody(bytes)
      assert.ok(body === undefined || bytes.length >= 25)
    }),
  )
})
