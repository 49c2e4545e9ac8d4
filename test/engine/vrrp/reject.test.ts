import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAdvertPacket } from '../../../src/engine/vrrp/packet.ts'
import { passwordBytes } from '../../../src/engine/vrrp/password.ts'
import { byte, craft, verdict } from './craft.ts'
import { configWith, fromHex, HIGHER_ADDRESS, ip, OURS, seconds } from './setting.ts'

const V2 = configWith({ version: 2 })
const V3 = configWith()
const PASS = configWith({ version: 2, authentication: { kind: 'password', password: passwordBytes('secret') } })
const OTHER_PASS = configWith({ version: 2, authentication: { kind: 'password', password: passwordBytes('secret2') } })

describe('a refusal says who, which group and why', () => {
  test('of a group that is not ours: quiet, whatever else is odd about it', () => {
    const decoded = decodeAdvertPacket(craft(configWith({ version: 2, vrid: 9 }), { ttl: 3 }), () => undefined)
    assert.deepEqual(decoded, {
      ok: false,
      error: { reason: 'vrid', vrid: 9, from: HIGHER_ADDRESS, detail: 'VRID 9 is not configured here' },
    })
  })

  test('of a message too short to have a VRID that can be trusted', () => {
    const decoded = decodeAdvertPacket(craft(V3, { change: (message) => message.slice(0, 7) }), () => V3)
    assert.deepEqual(decoded, {
      ok: false,
      error: {
        reason: 'length',
        vrid: undefined,
        from: HIGHER_ADDRESS,
        detail: '7 bytes are too short for a VRRP message',
      },
    })
  })

  test('of a broken IPv4 header: nothing is known', () => {
    const decoded = decodeAdvertPacket(fromHex('45'), () => V3)
    assert.ok(!decoded.ok)
    assert.equal(decoded.error.reason, 'ip-header')
    assert.equal(decoded.error.from, undefined)
  })

  test('our own packet, before everything that we may have configured differently since', () => {
    assert.equal(verdict(craft(V2, { source: OURS, ttl: 1 }), V3).reason, 'own')
  })
})

describe('the first check that fails is the one that explains most', () => {
  test('version before length: a v2 packet among v3 routers', () => {
    assert.equal(verdict(craft(V2), V3).reason, 'version')
    assert.equal(verdict(craft(V3), V2).reason, 'version')
  })

  test('kind of authentication before its data and before the interval', () => {
    const slow = { ...PASS, advertInterval: seconds(5) }
    assert.equal(verdict(craft(slow), V2).reason, 'auth-type')
    assert.equal(verdict(craft(configWith({ version: 2, advertInterval: seconds(5) })), PASS).reason, 'auth-type')
  })

  test('password before interval', () => {
    assert.equal(verdict(craft({ ...OTHER_PASS, advertInterval: seconds(5) }), PASS).reason, 'auth-data')
  })

  test('interval last', () => {
    const refused = verdict(craft({ ...PASS, advertInterval: seconds(5) }), PASS)
    assert.deepEqual([refused.reason, refused.detail], ['interval', 'advertisement interval 5s instead of 1s'])
  })
})

test('an authentication type that nobody could have configured is said to be unsupported', () => {
  assert.match(verdict(craft(V2, { change: byte(4, 2) }), V2).detail, /type 2 is not supported/)
})

describe('lookalikes are named', () => {
  test('CARP: 36 bytes that claim 7 addresses', () => {
    const change = (): Uint8Array => Uint8Array.of(0x21, V2.vrid, 100, 7, ...new Uint8Array(32))
    const refused = verdict(craft(V2, { change }), V2)
    assert.equal(refused.reason, 'length')
    assert.match(refused.detail, /36 bytes, but 7 addresses make 44 .*CARP/)
  })

  test('keepalived auth_hmac: 28 bytes more', () => {
    const refused = verdict(craft(V3, { change: (message) => Uint8Array.of(...message, ...new Uint8Array(28)) }), V3)
    assert.equal(refused.reason, 'length')
    assert.match(refused.detail, /auth_hmac/)
  })

  test('the other form of the VRRPv3 checksum', () => {
    const message = configWith({ checksum: { send: 'message', accept: 'message' } })
    assert.match(verdict(craft(message), V3).detail, /leaves the pseudo-header out/)
    assert.match(verdict(craft(V3), message).detail, /covers the pseudo-header/)
  })
})

test('the lookup is asked for the VRID of the packet and decides by its own configuration', () => {
  const groups = new Map([V2, PASS].map((config, index) => [index + 1, { ...config, vrid: index + 1 }]))
  const lookup = (vrid: number) => groups.get(vrid)
  const first = decodeAdvertPacket(craft({ ...V2, vrid: 1 }), lookup)
  const second = decodeAdvertPacket(craft({ ...PASS, vrid: 2 }), lookup)
  assert.deepEqual([first.ok && first.value.vrid, second.ok && second.value.vrid], [1, 2])
  const crossed = decodeAdvertPacket(craft({ ...V2, vrid: 2 }), lookup)
  assert.equal(!crossed.ok && crossed.error.reason, 'auth-type')
})

test('details repeat nothing from the packet but numbers and addresses', () => {
  const packet = craft(PASS, { source: ip('198.51.100.1'), change: byte(9, 0x1b) })
  assert.match(verdict(packet, OTHER_PASS).detail, /^[a-z ]+$/)
})
