import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arpProbe, decodeArp, formatMac, gratuitousArp } from '../../src/engine/vrrp/arp.ts'
import { ipv4FromNumber } from '../../src/shared/ip.ts'

/** Whatever a LAN carries, the decoder answers with a packet or with nothing. */

const address = fc.integer({ min: 1, max: 0xffffffff }).map(ipv4FromNumber)
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 })

test('random bytes never throw, and what passes is in its form', () => {
  const header = fc.constant([0x08, 0x06, 0, 1, 8, 0, 6, 4, 0])
  const arp = fc.tuple(mac, mac, header, fc.uint8Array({ minLength: 15, maxLength: 40 }))
  const almost = arp.map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])))
  let passed = 0
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), almost), (bytes) => {
      const packet = decodeArp(bytes)
      if (packet === undefined) return
      passed += 1
      assert.match(packet.mac, /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
      assert.match(packet.address, /^\d+(\.\d+){3}$/)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(passed > 0)
})

test('our own frames are read back, and a changed byte never throws', () => {
  fc.assert(
    fc.property(mac, address, fc.nat({ max: 41 }), fc.nat({ max: 255 }), (station, vip, at, value) => {
      const says = { mac: formatMac(station), address: vip }
      assert.deepEqual(decodeArp(arpProbe(station, vip)), { kind: 'probe', ...says })
      const frame = gratuitousArp(station, vip)
      assert.deepEqual(decodeArp(frame), { kind: 'announcement', ...says })
      frame[at] = value
      decodeArp(frame)
      decodeArp(frame.subarray(0, at))
    }),
  )
})
