import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeAdvertPacket, encodeAdvertPacket } from '../../src/engine/vrrp/packet.ts'
import type { RouterConfig } from '../../src/engine/vrrp/types.ts'
import { ipv4FromNumber } from '../../src/shared/ip.ts'
import { fromMillis, fromSeconds } from '../../src/shared/units.ts'
import { configWith, HIGHER_ADDRESS, OURS } from '../engine/vrrp/setting.ts'

/** Whatever arrives, the decoder answers with an advert or a reason. */

const address = fc.nat({ max: 0xffffffff }).map(ipv4FromNumber)
const authentication = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((password) => ({ kind: 'password', password }) as const),
)
const form = fc.constantFrom('pseudo', 'message')
const anyConfig: fc.Arbitrary<RouterConfig> = fc
  .record({
    version: fc.constantFrom(2, 3),
    vrid: fc.integer({ min: 1, max: 255 }),
    seconds: fc.integer({ min: 1, max: 255 }),
    centiseconds: fc.integer({ min: 1, max: 4095 }),
    addresses: fc.array(address, { minLength: 1, maxLength: 12 }),
    authentication,
    checksum: form.map((send) => ({ send, accept: send })),
  })
  .map(({ seconds, centiseconds, ...rest }) =>
    configWith({
      ...rest,
      source: HIGHER_ADDRESS,
      advertInterval: rest.version === 2 ? fromSeconds(seconds) : fromMillis(centiseconds * 10),
    }),
  )
const anyPriority = fc.nat({ max: 255 })

const receive = (bytes: Uint8Array, config: RouterConfig) =>
  decodeAdvertPacket(bytes, () => ({ ...config, source: OURS }))

test('random bytes never throw and never pass', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), anyConfig, (bytes, config) => {
      assert.equal(receive(bytes, config).ok, false)
    }),
    { numRuns: 5_000 },
  )
})

test('random messages under a right IPv4 header never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), anyConfig, (message, config) => {
      const packet = encodeAdvertPacket(config, 100, 1)
      const bytes = Uint8Array.of(...packet.subarray(0, 20), ...message)
      bytes.set([0, bytes.length], 2)
      bytes.set([config.version * 16 + 1], 20)
      const decoded = receive(bytes, config)
      assert.ok(decoded.ok || decoded.error.detail.length > 0)
    }),
    { numRuns: 5_000 },
  )
})

test('what is encoded is decoded to the same, and encodes to the same bytes', () => {
  fc.assert(
    fc.property(anyConfig, anyPriority, fc.integer({ min: 1, max: 65_535 }), (config, priority, identification) => {
      const packet = encodeAdvertPacket(config, priority, identification)
      const decoded = receive(packet, config)
      assert.ok(decoded.ok)
      const { advert, from } = decoded.value
      assert.equal(advert.priority, priority)
      const again = { ...config, source: from, addresses: advert.addresses, advertInterval: advert.interval }
      assert.deepEqual(encodeAdvertPacket(again, advert.priority, identification), packet)
    }),
    { numRuns: 2_000 },
  )
})

test('every truncation of a valid packet is refused', () => {
  fc.assert(
    fc.property(anyConfig, anyPriority, (config, priority) => {
      const packet = encodeAdvertPacket(config, priority, 1)
      for (let length = 0; length < packet.length; length++) {
        assert.equal(receive(packet.subarray(0, length), config).ok, false)
      }
    }),
    { numRuns: 100 },
  )
})

test('one flipped bit behind the IPv4 header is always refused', () => {
  fc.assert(
    fc.property(anyConfig, anyPriority, fc.nat(), (config, priority, position) => {
      const packet = encodeAdvertPacket(config, priority, 1)
      const bit = position % ((packet.length - 20) * 8)
      const offset = 20 + (bit >> 3)
      packet.set([(packet[offset] ?? 0) ^ (1 << (bit & 7))], offset)
      assert.equal(receive(packet, config).ok, false)
    }),
    { numRuns: 3_000 },
  )
})

test('several changed bytes never throw', () => {
  const changes = fc.array(fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(anyConfig, anyPriority, changes, (config, priority, altered) => {
      const packet = encodeAdvertPacket(config, priority, 1)
      for (const [offset, value] of altered) packet.set([value], offset % packet.length)
      const decoded = receive(packet, config)
      assert.ok(decoded.ok || decoded.error.reason.length > 0)
    }),
    { numRuns: 3_000 },
  )
})
