import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internetChecksum, pseudoHeader } from '../../src/engine/vrrp/checksum.ts'
import { encodeAdvertPacket, VRRP_GROUP } from '../../src/engine/vrrp/packet.ts'
import { passwordBytes } from '../../src/engine/vrrp/password.ts'
import { configWith, ip, OURS, seconds, toHex } from '../engine/vrrp/setting.ts'

/** Transmitting VRRP packets: RFC 9568 7.2, 5.1 and 5.2, RFC 3768 5.3. */

const V2 = configWith({ version: 2 })
const V3 = configWith()
const message = (config = V3, priority = 100): Uint8Array => encodeAdvertPacket(config, priority, 1).subarray(20)

test('5.1.1.1, 7.2: the source is the configured address, never a virtual one', () => {
  assert.equal(toHex(encodeAdvertPacket(V3, 100, 1).subarray(12, 16)), 'c000020a')
})

test('5.1.1.2: the destination is 224.0.0.18', () => {
  assert.equal(toHex(encodeAdvertPacket(V3, 100, 1).subarray(16, 20)), 'e0000012')
})

test('5.1.1.3: the TTL MUST be 255', () => {
  assert.equal(encodeAdvertPacket(V3, 100, 1)[8], 255)
})

test('5.1.1.4: the protocol number is 112', () => {
  assert.equal(encodeAdvertPacket(V3, 100, 1)[9], 112)
})

test('5.2.6: the reserved field MUST be zero, and 4095 centiseconds fill all the rest', () => {
  assert.equal(toHex(message(configWith({ advertInterval: seconds(40.95) })).subarray(4, 6)), '0fff')
  assert.equal(toHex(message(configWith({ advertInterval: seconds(0.01) })).subarray(4, 6)), '0001')
})

test('5.2.9: addresses go out in configured order', () => {
  const config = configWith({ addresses: [ip('192.0.2.9'), ip('192.0.2.1'), ip('10.0.0.1')] })
  assert.equal(toHex(message(config).subarray(8)), 'c0000209c00002010a000001')
})

test('5.2.8 as keepalived and FRR read it: the checksum covers the pseudo-header', () => {
  const bytes = message(V3)
  assert.equal(internetChecksum(pseudoHeader(OURS, VRRP_GROUP, bytes.length), bytes), 0)
  assert.notEqual(internetChecksum(bytes), 0)
})

test('5.2.8 to the letter, when configured: the message alone', () => {
  assert.equal(internetChecksum(message(configWith({ checksum: { send: 'message', accept: 'message' } }))), 0)
})

test('3768 5.3.8: the v2 checksum covers the message alone, with its authentication data', () => {
  const authentication = { kind: 'password', password: passwordBytes('secret') } as const
  assert.equal(internetChecksum(message(V2)), 0)
  assert.equal(internetChecksum(message({ ...V2, authentication })), 0)
})

test('3768 5.3.10: without authentication its 8 bytes MUST be zero', () => {
  assert.equal(toHex(message(V2).subarray(-8)), '0000000000000000')
})

test('6.4.3: a release differs from any other advert in priority and checksum alone', () => {
  for (const config of [V2, V3]) {
    const [normal, release] = [message(config, 100), message(config, 0)]
    const differing = [...normal.keys()].filter((at) => at !== 6 && at !== 7 && normal[at] !== release[at])
    assert.deepEqual(differing, [2])
  }
})
