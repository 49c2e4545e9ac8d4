import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeEchoReply, echoRequest } from '../../src/engine/io/icmp.ts'
import { decodeDefaultRoute, decodeKnownNeighbour } from '../../src/engine/io/lan-neighbours.ts'
import {
  describeError,
  formatValue,
  parseGrant,
  parseRange,
  parseToken,
  parseTxn,
  parseValue,
} from '../../src/engine/peer/etcd-answers.ts'
import { formatRecord, parseRecord, strongEtag } from '../../src/engine/peer/lease-record.ts'
import { replyTo } from '../../src/engine/vrrp/arp.ts'
import { fromMillis } from '../../src/shared/units.ts'

/** Whatever an arbiter or a network answers: a value in its form or a refusal, never an exception. */

const name = fc.stringMatching(/^[!-~]{1,128}$/)
const record = fc.record(
  {
    holder: fc.option(name, { nil: undefined }),
    token: name,
    ttl: fc.integer({ min: 0, max: 86_400_000 }).map(fromMillis),
    count: fc.nat(),
  },
  { noNullPrototype: true },
)

test('a lease is read back as it was written', () => {
  fc.assert(
    fc.property(record, (lease) => assert.deepEqual(parseRecord(formatRecord(lease)), { ok: true, value: lease })),
  )
})

/** JSON that is nearly right. */
const key = fc.constantFrom(
  'haup_lease',
  'holder',
  'token',
  'ttl_ms',
  'count',
  'header',
  'revision',
  'kvs',
  'value',
  'ID',
)
const more = fc.constantFrom('TTL', 'mod_revision', 'succeeded', 'responses', 'response_range', 'message', 'nonce')
const leaf = fc.oneof(fc.constantFrom(1, '1', '12', 'YWJj', true, null, -1, 1e300), fc.string(), fc.double())
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(key, more), tie('tree')),
  ),
}))
const text = fc.oneof(
  fc.string(),
  fc.json(),
  tree.map((each) => JSON.stringify(each)),
)

test('no text throws', () => {
  fc.assert(
    fc.property(text, (said) => {
      const parsed = parseRecord(said)
      if (parsed.ok) assert.ok(parsed.value.ttl >= 0 && Number.isSafeInteger(parsed.value.count))
      const granted = parseGrant(said)
      if (granted.ok) assert.match(granted.value.id, /^\d+$/)
      const ranged = parseRange(said)
      if (ranged.ok && ranged.value !== undefined) assert.match(ranged.value.revision, /^\d+$/)
      const done = parseTxn(said)
      if (done.ok && done.value.kind === 'done') assert.match(done.value.revision, /^\d+$/)
      parseToken(said)
      parseValue(said)
      assert.ok(describeError(500, said).length < 200)
      const etag = strongEtag(said)
      if (etag !== undefined) assert.match(etag, /^"[^"\s]*"$/)
    }),
    { numRuns: 5_000 },
  )
})

test('what etcd answers is understood', () => {
  const header = { revision: '7' }
  const entry = { key: 'a', value: btoa(formatValue({ holder: 'ant', token: 't', nonce: '1' })), mod_revision: '6' }
  const there = { value: '{"holder":"ant","token":"t","nonce":"1"}', revision: '6' }
  assert.deepEqual(parseGrant('{"ID":"12","TTL":"3"}'), { ok: true, value: { id: '12', ttl: 3_000_000 } })
  assert.deepEqual(parseRange(JSON.stringify({ header })), { ok: true, value: undefined })
  assert.deepEqual(parseRange(JSON.stringify({ header, kvs: [entry] })), { ok: true, value: there })
  assert.deepEqual(parseTxn(JSON.stringify({ header, succeeded: true })), {
    ok: true,
    value: { kind: 'done', revision: '7' },
  })
  const other = { header, responses: [{ response_range: { header, kvs: [entry] } }] }
  assert.deepEqual(parseTxn(JSON.stringify(other)), { ok: true, value: { kind: 'other', entry: there } })
  for (const wrong of ['', '[]', '{}', '{"succeeded":true}', '{"header":{}}']) assert.equal(parseTxn(wrong).ok, false)
})

test('ETags: strong ones alone', () => {
  assert.equal(strongEtag('"a-1"'), '"a-1"')
  for (const wrong of ['W/"a"', 'a', '"a', '"a b"', '"a"b"', undefined]) assert.equal(strongEtag(wrong), undefined)
})

test('packets and netlink messages of any bytes', () => {
  const message = fc.record({
    type: fc.constantFrom(24, 28),
    flags: fc.nat(),
    seq: fc.nat(),
    port: fc.nat(),
    payload: fc.uint8Array({ maxLength: 120 }).map((bytes) => Uint8Array.of(2, 0, ...bytes)),
  })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), message, (bytes, said) => {
      decodeEchoReply(bytes)
      replyTo(bytes, bytes.subarray(0, 6))
      decodeDefaultRoute(said)
      decodeKnownNeighbour(said)
    }),
    { numRuns: 5_000 },
  )
})

test('an echo reply is read back; a changed byte never passes for it', () => {
  const header = Uint8Array.of(0x45, 0, 0, 40, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2)
  fc.assert(
    fc.property(
      fc.nat(0xffffffff),
      fc.uint8Array({ maxLength: 20 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (id, mark, where, flip) => {
        const icmp = echoRequest(id, mark)
        icmp[0] = 0
        icmp[2] = (icmp[2] ?? 0) + 8
        // One's complement: the carry goes around.
        if ((icmp[2] ?? 0) < 8) {
          const low = ((icmp[2] ?? 0) * 256 + (icmp[3] ?? 0) + 1) & 0xffff
          icmp[2] = low >> 8
          icmp[3] = low & 0xff
        }
        const packet = Uint8Array.of(...header, ...icmp)
        assert.deepEqual(decodeEchoReply(packet), { from: '192.0.2.1', id, mark })
        const at = header.length + (where % icmp.length)
        packet[at] = (packet[at] ?? 0) ^ flip
        assert.equal(decodeEchoReply(packet), undefined)
      },
    ),
  )
})
