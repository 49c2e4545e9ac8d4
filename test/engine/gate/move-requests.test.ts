import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arpSenderFrom, etherSource, remember, sendTo, tcpFlow } from '../../../src/engine/gate/expressions.ts'
import { handOnTable } from '../../../src/engine/gate/hand-on-table.ts'
import { admitting, handingOn, handingOnAgain, isHandedOn, pathOf } from '../../../src/engine/gate/move-requests.ts'
import { NFT_MSG } from '../../../src/engine/gate/nftables.ts'
import { HAND_ON_PRIORITY, INET_FIRST, INET_LAST } from '../../../src/engine/gate/tables.ts'
import type { NetlinkRequest } from '../../../src/engine/io/netlink-message.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { err, ok } from '../../../src/shared/result.ts'
import { fromMillis } from '../../../src/shared/units.ts'

const TARGET = { to: '192.0.2.12' as Ipv4, mac: '02:00:00:00:00:0c' as Mac, interface: 'eth0' }
const PATH = {
  to: Uint8Array.of(192, 0, 2, 12),
  mac: Uint8Array.of(2, 0, 0, 0, 0, 12),
  interfaceIndex: 7,
}
const MOVED = { path: PATH, addresses: [Uint8Array.of(192, 0, 2, 100)], until: fromMillis(10_000) }
const at = fromMillis

const hex = (parts: readonly Uint8Array[]): readonly string[] => parts.map((each) => Buffer.from(each).toString('hex'))
const types = (requests: readonly NetlinkRequest[]): readonly number[] => requests.map(({ type }) => type)
const bytes = (requests: readonly NetlinkRequest[]): string =>
  Buffer.concat(requests.map(({ payload }) => payload)).toString('hex')

/** What `nft --debug=netlink` shows as: immediate reg 1, immediate reg 2, dup sreg_addr 1 sreg_dev 2. Little-endian hosts. */
test('expressions are those of: dup to 192.0.2.12 device (index 7)', () => {
  assert.deepEqual(hex(sendTo(PATH.to, PATH.interfaceIndex)), [
    '2c0001800e000100696d6d6564696174650000001800028008000100000000010c00028008000100c000020c',
    '2c0001800e000100696d6d6564696174650000001800028008000100000000020c0002800800010007000000',
    '20000180080001006475700014000280080001000000000108000200' + '00000002',
  ])
})

test('the source of a frame is asked for on Ethernet only', () => {
  const [type, ethernet, source] = hex(etherSource)
  assert.match(type ?? '', /^\w{8}09000100 ?6d657461/)
  assert.ok(ethernet?.endsWith('0c0003800600010001000000'))
  assert.ok(source?.endsWith('08000200000000000800030000000006' + '0800040000000006'))
})

test('a flow fills the four quarters of register 1, one field each', () => {
  const registers = hex(tcpFlow).map((each) => each.slice(40 + 8, 40 + 16))
  assert.deepEqual(registers, ['00000001', '00000009', '0000000a', '0000000b'])
})

test('what is remembered is renewed, for its milliseconds', () => {
  const [remembered = ''] = hex([remember('flows', 60_000)])
  assert.ok(remembered.includes('0800030000000001'), 'update, not add')
  assert.ok(remembered.endsWith('0c000600000000000000ea60'))
})

test('the ARP sender is written over', () => {
  const [load = '', write = ''] = hex(arpSenderFrom(PATH.to))
  assert.ok(load.endsWith('c000020c'))
  assert.match(write, /08000500000000010800020000000001080003000000000e0800040000000004$/)
})

test('between what marks and what decides; what is open stays, and nothing goes back', () => {
  assert.deepEqual([INET_FIRST + 1 < HAND_ON_PRIORITY, HAND_ON_PRIORITY < INET_LAST], [true, true])
  const { chains } = handOnTable('www', PATH, [])
  const [enter, moved] = chains.map(({ rules }) => rules.map(({ comment }) => comment))
  assert.deepEqual(enter, ['this box itself', 'open: stays here', 'moved'])
  assert.equal(moved?.[0], 'never back')
})

test('the same way again: what has begun there is kept; another way: a new table', () => {
  const first = types(handingOn('www', MOVED, undefined, at(0)))
  assert.equal(first[0], NFT_MSG.newTable)
  const longer = { ...MOVED, until: at(20_000) }
  assert.deepEqual(types(handingOn('www', longer, MOVED, at(0))), [NFT_MSG.deleteElements, NFT_MSG.newElements])
  const elsewhere = { ...MOVED, path: { ...PATH, interfaceIndex: 8 } }
  assert.deepEqual(types(handingOn('www', elsewhere, MOVED, at(0))), [NFT_MSG.deleteTable, ...first])
})

test('the kernel is told what is left of the time', () => {
  const timeout = (milliseconds: number): string => `0c000400${milliseconds.toString(16).padStart(16, '0')}`
  assert.ok(bytes(handingOn('www', MOVED, undefined, at(4_000))).includes(timeout(6_000)))
  const admitted = { admission: { from: TARGET.mac }, until: at(5_000) }
  const admits = bytes(admitting('www', admitted, at(1_000)))
  assert.ok(admits.includes(timeout(4_000)))
  assert.deepEqual(admitting('www', admitted, at(5_000)), [])
})

test('after its time it is not put back', () => {
  assert.equal(isHandedOn(MOVED, at(9_999)), true)
  assert.equal(isHandedOn(MOVED, at(10_000)), false)
  assert.deepEqual(handingOnAgain('www', MOVED, new Set(), at(10_000)), [])
  assert.equal(handingOnAgain('www', MOVED, new Set(['haup-move-www']), at(0)).length, 2)
})

test('where to, as the kernel takes it', () => {
  assert.deepEqual(
    pathOf(TARGET, (name) => (name === 'eth0' ? ok(7) : err('no'))),
    ok(PATH),
  )
  assert.deepEqual(
    pathOf(TARGET, () => err('interface eth0 does not exist')),
    err('interface eth0 does not exist'),
  )
})
