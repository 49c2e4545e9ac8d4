import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAdvertPacket } from '../../src/engine/vrrp/packet.ts'
import { passwordBytes } from '../../src/engine/vrrp/password.ts'
import { byte, craft, verdict } from '../engine/vrrp/craft.ts'
import { configWith, ip, seconds } from '../engine/vrrp/setting.ts'

/** Receiving VRRP packets: RFC 9568 7.1 and 5.2, RFC 3768 7.1 and 5.3, RFC 2338 7.1. */

const V2 = configWith({ version: 2 })
const V3 = configWith()
const BOTH = [V2, V3]
const PASS = configWith({ version: 2, authentication: { kind: 'password', password: passwordBytes('secret') } })

for (const config of BOTH) {
  const v = `v${config.version}`

  test(`${v}, 7.1: a packet that passes every check is processed`, () => {
    assert.equal(verdict(craft(config), config).reason, 'accepted')
  })

  test(`${v}, 7.1: MUST verify that the IPv4 TTL is 255`, () => {
    for (const ttl of [0, 1, 64, 254]) assert.equal(verdict(craft(config, { ttl }), config).reason, 'ttl')
  })

  test(`${v}, 7.1: MUST verify the VRRP version`, () => {
    for (const version of [0, 1, 4, 15]) {
      const packet = craft(config, { change: byte(0, version * 16 + 1) })
      assert.equal(verdict(packet, config).reason, 'version')
    }
  })

  test(`${v}, 5.2.2 (3768 5.3.2): a packet with unknown type MUST be discarded`, () => {
    for (const type of [0, 2, 15]) {
      assert.equal(verdict(craft(config, { change: byte(0, config.version * 16 + type) }), config).reason, 'type')
    }
  })

  test(`${v}, 7.1: MUST verify that the received packet contains the complete VRRP packet`, () => {
    for (let length = 0; length < 12; length++) {
      const packet = craft(config, { change: (message) => message.slice(0, length) })
      assert.equal(verdict(packet, config).reason, 'length', `${length} bytes`)
    }
    assert.equal(verdict(craft(config, { change: byte(3, 2) }), config).reason, 'length', 'count says more')
  })

  test(`${v}: a message longer than its count says is discarded (keepalived, FRR)`, () => {
    const longer = craft(config, { change: (message) => Uint8Array.of(...message, 0, 0, 0, 0) })
    assert.equal(verdict(longer, config).reason, 'length')
  })

  test(`${v}, 7.1: MUST verify the VRRP checksum`, () => {
    for (const offset of [22, 26, 27, 31]) {
      const packet = craft(config, { spoil: (bytes) => bytes.set([(bytes[offset] ?? 0) ^ 0x10], offset) })
      assert.equal(verdict(packet, config).reason, 'checksum', `byte ${offset} of the packet`)
    }
  })

  test(`${v}, 7.1: MUST verify that the VRID is configured on the receiving interface; 0 never is`, () => {
    assert.equal(verdict(craft({ ...config, vrid: 52 }), config).reason, 'vrid')
    const zero = decodeAdvertPacket(craft(config, { change: byte(1, 0) }), () => config)
    assert.equal(!zero.ok && zero.error.reason, 'vrid')
  })

  test(`${v}, 5.1.1.2: the destination is the group 224.0.0.18`, () => {
    for (const destination of [ip('192.0.2.10'), ip('224.0.0.1'), ip('255.255.255.255')]) {
      assert.equal(verdict(craft(config, { destination }), config).reason, 'destination')
    }
  })

  test(`${v}, 5.2.5 (3768 5.3.5): up to 255 addresses are read`, () => {
    const addresses = Array.from({ length: 255 }, (_, index) => ip(`203.0.113.${index}`))
    assert.equal(verdict(craft({ ...config, addresses }), config).reason, 'accepted')
  })

  test(`${v}, 5.2.4: priorities 0 to 255 are all legal on the wire`, () => {
    for (let priority = 0; priority <= 255; priority++) {
      assert.equal(verdict(craft(config, { priority }), config).reason, 'accepted')
    }
  })

  test(`${v}, 8.3.2 with erratum 8298: an owner's and any other list of addresses is processed`, () => {
    const packet = craft({ ...config, addresses: [ip('203.0.113.1'), ip('203.0.113.2')] }, { priority: 255 })
    assert.equal(verdict(packet, config).reason, 'accepted')
  })
}

describe('VRRPv3', () => {
  test('5.2.5 with erratum 8299: count 0 MUST be ignored', () => {
    const packet = craft(V3, { change: (message) => byte(3, 0)(message.slice(0, 8)) })
    assert.equal(verdict(packet, V3).reason, 'count')
  })

  test('5.2.6: the reserved field MUST be ignored on reception', () => {
    const decoded = decodeAdvertPacket(craft(V3, { change: byte(4, 0xf0) }), () => V3)
    assert.equal(decoded.ok && decoded.value.advert.interval, seconds(1))
  })

  test('5.2.7 with erratum 8301: interval 0 is discarded', () => {
    assert.equal(verdict(craft(V3, { change: byte(5, 0) }), V3).reason, 'interval')
  })

  test('7.1: an interval other than ours is processed', () => {
    const decoded = decodeAdvertPacket(craft({ ...V3, advertInterval: seconds(40.95) }), () => V3)
    assert.equal(decoded.ok && decoded.value.advert.interval, seconds(40.95))
  })

  test('5.2.8: which form of the checksum is accepted is decided by configuration alone', () => {
    const forms = ['pseudo', 'message'] as const
    for (const send of forms) {
      const packet = craft(configWith({ checksum: { send, accept: send } }))
      for (const accept of [...forms, 'both'] as const) {
        const expected = accept === 'both' || accept === send ? 'accepted' : 'checksum'
        const ours = configWith({ checksum: { send: 'pseudo', accept } })
        assert.equal(verdict(packet, ours).reason, expected, `${send} to ${accept}`)
      }
    }
  })

  test('5.2.8: "both" still refuses a wrong checksum', () => {
    const ours = configWith({ checksum: { send: 'pseudo', accept: 'both' } })
    assert.equal(verdict(craft(V3, { spoil: (bytes) => bytes.set([99], 22) }), ours).reason, 'checksum')
  })

  test('9: there is no authentication, and what v2 would call its type is part of the interval', () => {
    assert.equal(verdict(craft({ ...V3, advertInterval: seconds(5.12) }), V3).reason, 'accepted')
  })
})

describe('VRRPv2', () => {
  test('3768 7.1: an interval other than ours MUST be discarded, 0 among them', () => {
    for (const interval of [0, 2, 255]) {
      assert.equal(verdict(craft(V2, { change: byte(5, interval) }), V2).reason, 'interval')
    }
  })

  test('3768 5.3.6: an unknown authentication type MUST be discarded', () => {
    for (const type of [2, 3, 255]) assert.equal(verdict(craft(V2, { change: byte(4, type) }), V2).reason, 'auth-type')
  })

  test('2338 7.1: a known authentication type that is not ours MUST be discarded', () => {
    assert.equal(verdict(craft(PASS), V2).reason, 'auth-type')
    assert.equal(verdict(craft(V2), PASS).reason, 'auth-type')
  })

  test('3768 5.3.6.1: without authentication its data MUST be ignored', () => {
    assert.equal(verdict(craft(V2, { change: byte(15, 0x55) }), V2).reason, 'accepted')
  })

  test('3768 5.3.8: but they are inside the checksum', () => {
    const packet = craft(V2, { spoil: (bytes) => bytes.set([0x55], bytes.length - 1) })
    assert.equal(verdict(packet, V2).reason, 'checksum')
  })

  test('2338 5.3.10: all 8 bytes of the password are compared', () => {
    assert.equal(verdict(craft(PASS), PASS).reason, 'accepted')
    for (let offset = 12; offset < 20; offset++) {
      assert.equal(verdict(craft(PASS, { change: byte(offset, 0x7f) }), PASS).reason, 'auth-data')
    }
  })

  test('3768 5.3.5 is silent about count 0: it is processed', () => {
    const packet = craft(V2, { change: (message) => byte(3, 0)(message.slice(0, 16)) })
    assert.equal(verdict(packet, V2).reason, 'accepted')
  })
})
