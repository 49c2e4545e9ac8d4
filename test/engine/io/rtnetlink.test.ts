import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attribute, concat, type NetlinkMessage, text, u32 } from '../../../src/engine/io/netlink-message.ts'
import {
  addAddress,
  decodeAddress,
  decodeLink,
  FOREVER,
  removeAddress,
  restoreAddress,
} from '../../../src/engine/io/rtnetlink.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'

const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const AF_BRIDGE = 7

const address = {
  interfaceIndex: 4,
  address: { address: '192.0.2.100' as Ipv4, length: 24 },
  label: 'eth0:1',
  protocol: 72,
}

const message = (type: number, payload: Uint8Array): NetlinkMessage => ({ type, flags: 0, seq: 1, port: 0, payload })

const linkMessage = (type: number, family: number, flags: number, ...more: readonly Uint8Array[]): NetlinkMessage =>
  message(
    type,
    concat([
      Uint8Array.of(family, 0, 1, 0),
      u32(9),
      u32(flags),
      u32(0),
      attribute(3, text('eth0')),
      attribute(1, Uint8Array.of(0x52, 0x54, 0, 0x12, 0xab, 1)),
      ...more,
    ]),
  )

test('an address is encoded so that it decodes to the same, with its protocol', () => {
  assert.deepEqual(decodeAddress(message(20, addAddress(address, 0).payload)), { ...address, secondary: false })
})

test('the bytes of an address request are those of linux/if_addr.h', () => {
  const { type, flags, payload } = addAddress({ ...address, label: undefined }, 0x200)
  assert.equal(type, 20)
  assert.equal(flags, 0x605, 'REQUEST, ACK, CREATE, EXCL')
  const expected = [
    '0218000004000000', // AF_INET, /24, flags 0, scope global, index 4
    '08000200c0000264', // IFA_LOCAL
    '08000100c0000264', // IFA_ADDRESS
    '0800080000020000', // IFA_FLAGS noprefixroute
    '05000b0048000000', // IFA_PROTO 72
  ].join('')
  assert.equal(Buffer.from(payload).toString('hex'), expected)
})

test('a removal names the prefix length and the label', () => {
  const { type, payload } = removeAddress({ ...address, secondary: true })
  assert.equal(type, 21)
  assert.match(Buffer.from(payload).toString('hex'), /^0218.*0b000300657468303a310000$/)
})

test('a link tells its name, hardware address and flags', () => {
  assert.deepEqual(decodeLink(linkMessage(RTM_NEWLINK, 0, 0x10041)), {
    kind: 'present',
    link: { index: 9, name: 'eth0', hardwareAddress: '52:54:00:12:ab:01', enabled: true, carrier: true, running: true },
  })
  assert.deepEqual(decodeLink(linkMessage(RTM_DELLINK, 0, 0)), { kind: 'gone', index: 9 })
})

test('a port of a bridge tells which', () => {
  const event = decodeLink(linkMessage(RTM_NEWLINK, 0, 0x10041, attribute(10, u32(12))))
  assert.equal(event?.kind === 'present' ? event.link.master : undefined, 12)
})

test('an address is set again as it was described, but for what the kernel says by itself and the time that has passed', () => {
  const described = (valid: number): Uint8Array =>
    concat([
      // AF_INET, /25, flags of the kernel, scope link, index 4
      Uint8Array.of(2, 25, 0x81, 253),
      u32(4),
      attribute(2, Uint8Array.of(192, 0, 2, 100)),
      attribute(3, text('eth0:web')),
      attribute(8, u32(0x281)),
      attribute(6, concat([u32(valid), u32(valid), u32(7), u32(8)])),
      attribute(9, u32(77)),
    ])
  const restored = restoreAddress(described(100), 9, 30)
  assert.deepEqual([restored?.type, restored?.flags], [20, 0x605])
  const expected = [
    '021900fd09000000',
    '08000200c0000264',
    '0d000300657468303a77656200000000',
    '080009004d000000',
    '0800080000020000',
    '14000600460000004600000000000000 00000000'.replace(' ', ''),
  ].join('')
  assert.equal(Buffer.from(restored?.payload ?? []).toString('hex'), expected)
  assert.equal(restoreAddress(described(30), 9, 30), undefined, 'it would have expired')
  assert.notEqual(restoreAddress(described(FOREVER), 9, 1e9), undefined)
  assert.equal(restoreAddress(new Uint8Array(4), 9, 0), undefined)
})

test('a bridge port that is removed is no interface that is gone', () => {
  assert.equal(decodeLink(linkMessage(RTM_DELLINK, AF_BRIDGE, 0)), undefined)
  assert.equal(decodeLink(linkMessage(RTM_NEWLINK, AF_BRIDGE, 0)), undefined)
})

test('messages of any other shape are left alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 14, max: 24 }), fc.uint8Array({ maxLength: 60 }), (type, payload) => {
      decodeAddress(message(type, payload))
      decodeLink(message(type, payload))
    }),
  )
  assert.equal(decodeAddress(message(20, addAddress(address, 0).payload.subarray(0, 8))), undefined, 'no IFA_LOCAL')
})
