import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { interpretAdvert, summarizeHeard } from '../../../src/cli/detect/overhear.ts'

/** keepalived 2.2.7 on the wire: VRRPv2, VRID 51, priority 100, 192.0.2.200, password. */
const KEEPALIVED = '45c0002800010000ff701d5fc000020ce0000012' + '2133640101012d2bc00002c8' + '3131313100000000'

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

test('who uses which VRID, with what', () => {
  assert.deepEqual(interpretAdvert(bytes(KEEPALIVED)), {
    from: '192.0.2.12',
    vrid: 51,
    version: 2,
    priority: 100,
    addresses: ['192.0.2.200'],
  })
})

test('the last advert of each router counts, in the order of VRIDs', () => {
  const packet = (vrid: number, priority: number) => {
    const copy = bytes(KEEPALIVED)
    copy.set([vrid, priority], 21)
    return copy
  }
  const heard = summarizeHeard([packet(60, 1), packet(51, 100), packet(51, 0), Uint8Array.of(1, 2)])
  assert.deepEqual(
    heard.map(({ vrid, priority }) => [vrid, priority]),
    [
      [51, 0],
      [60, 1],
    ],
  )
})

test('other packets say nothing, and none throws', () => {
  const noise = fc.uint8Array({ maxLength: 60 })
  fc.assert(fc.property(noise, (packet) => interpretAdvert(packet)?.vrid !== 0))
  const shortened = fc.integer({ min: 0, max: KEEPALIVED.length / 2 })
  fc.assert(fc.property(shortened, (length) => void interpretAdvert(bytes(KEEPALIVED).subarray(0, length))))
})
