import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internetChecksum } from '../../../src/engine/vrrp/checksum.ts'
import { encodeIpv4Packet, parseIpv4Packet } from '../../../src/engine/vrrp/ipv4-header.ts'
import { fromHex, ip, OURS } from './setting.ts'

const GROUP = ip('224.0.0.18')
const payload = fromHex('31 33 64 01 0064 0000 c00002c8')
const packet = encodeIpv4Packet({ source: OURS, destination: GROUP, identification: 0x1234, payload })

/** The packet with one or more bytes of its header replaced. */
const altered = (offset: number, hex: string): Uint8Array => {
  const bytes = Uint8Array.from(packet)
  bytes.set(fromHex(hex), offset)
  return bytes
}

test('the header says TOS 0xc0, no fragmentation, TTL 255, protocol 112, and sums to zero', () => {
  assert.deepEqual(packet.subarray(0, 10), fromHex('45 c0 0020 1234 0000 ff 70'))
  assert.deepEqual(packet.subarray(12, 20), fromHex('c000020a e0000012'))
  assert.equal(internetChecksum(packet.subarray(0, 20)), 0)
})

test('an identification of zero would be replaced by the kernel and is refused', () => {
  for (const identification of [0, 0x10000, 1.5]) {
    assert.throws(() => encodeIpv4Packet({ source: OURS, destination: GROUP, identification, payload }), RangeError)
  }
})

test('what was encoded is parsed again', () => {
  assert.deepEqual(parseIpv4Packet(packet), {
    ok: true,
    value: { source: OURS, destination: GROUP, ttl: 255, identification: 0x1234, payload },
  })
})

test('Ethernet padding after the total length is ignored', () => {
  const padded = Uint8Array.of(...packet, 0, 0, 0, 0, 0, 0)
  const parsed = parseIpv4Packet(padded)
  assert.ok(parsed.ok)
  assert.deepEqual(parsed.value.payload, payload)
})

test('header options are skipped', () => {
  const head = Uint8Array.from(packet.subarray(0, 20))
  head.set(fromHex('46c00024'))
  const parsed = parseIpv4Packet(Uint8Array.of(...head, ...fromHex('94040000'), ...payload))
  assert.ok(parsed.ok)
  assert.deepEqual(parsed.value.payload, payload)
})

test('a packet inside a larger buffer is read at its own place', () => {
  const buffer = Uint8Array.of(9, 9, 9, ...packet, 9)
  const parsed = parseIpv4Packet(buffer.subarray(3, 3 + packet.length))
  assert.ok(parsed.ok)
  assert.equal(parsed.value.source, OURS)
})

const BROKEN: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', new Uint8Array(0), /0 bytes are too short/],
  ['a truncated header', packet.subarray(0, 19), /19 bytes are too short/],
  ['IPv6', altered(0, '65'), /IP version 6/],
  ['a header length below 20', altered(0, '44'), /header length 16/],
  ['a total length below the header', altered(2, '0013'), /total length 19/],
  ['a header with options that exceed the packet', altered(0, '4f'), /below the header's 60/],
  ['a truncated packet', packet.subarray(0, 31), /total length 32, but 31/],
  ['a first fragment', altered(6, '2000'), /fragment/],
  ['a later fragment', altered(6, '0001'), /fragment/],
  ['another protocol', altered(9, '33'), /protocol 51/],
]
for (const [what, bytes, message] of BROKEN) {
  test(`${what} is refused`, () => {
    const parsed = parseIpv4Packet(bytes)
    assert.ok(!parsed.ok)
    assert.match(parsed.error, message)
  })
}

test('"do not fragment" is no reason to refuse', () => {
  assert.ok(parseIpv4Packet(altered(6, '4000')).ok)
})
