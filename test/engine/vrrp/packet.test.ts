import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAdvertPacket, encodeAdvertPacket } from '../../../src/engine/vrrp/packet.ts'
import { CAPTURE_SOURCE, CAPTURES, seenFromOutside } from './captured.ts'
import { configWith, fromHex, ip, seconds, toHex, VIP } from './setting.ts'

describe('packets captured from keepalived', () => {
  for (const { name, hex, config, priority, identification } of CAPTURES) {
    test(`${name}: ours are the same bytes`, () => {
      assert.equal(toHex(encodeAdvertPacket(config, priority, identification)), hex.replace(' ', ''))
    })

    test(`${name}: read as what it says`, () => {
      const decoded = decodeAdvertPacket(fromHex(hex), () => seenFromOutside(config))
      const { version, vrid, addresses, advertInterval } = config
      const advert = { version, vrid, priority, interval: advertInterval, addresses }
      assert.deepEqual(decoded, { ok: true, value: { advert, from: CAPTURE_SOURCE, vrid, id: identification } })
    })
  }
})

test('255 addresses fit and come back in order', () => {
  const addresses = Array.from({ length: 255 }, (_, index) => ip(`198.51.100.${index}`))
  for (const version of [2, 3] as const) {
    const config = configWith({ version, addresses })
    const decoded = decodeAdvertPacket(encodeAdvertPacket(config, 7, 65535), () => seenFromOutside(config))
    assert.ok(decoded.ok)
    assert.deepEqual(decoded.value.advert.addresses, addresses)
  }
})

describe('what does not fit its field is a bug of the caller, not a wrong packet', () => {
  const broken = {
    'no address': configWith({ addresses: [] }),
    '256 addresses': configWith({ addresses: Array.from({ length: 256 }, () => VIP) }),
    'VRID 0': configWith({ vrid: 0 }),
    'VRID 256': configWith({ vrid: 256 }),
    'v2 with half a second': configWith({ version: 2, advertInterval: seconds(0.5) }),
    'v2 with 256 seconds': configWith({ version: 2, advertInterval: seconds(256) }),
    'v3 with 41 seconds': configWith({ advertInterval: seconds(41) }),
    'v3 with 5 ms': configWith({ advertInterval: seconds(0.005) }),
  }
  for (const [what, config] of Object.entries(broken)) {
    test(what, () => {
      assert.throws(() => encodeAdvertPacket(config, 100, 1), RangeError)
    })
  }
  test('priority 256', () => {
    assert.throws(() => encodeAdvertPacket(configWith(), 256, 1), RangeError)
  })
})
