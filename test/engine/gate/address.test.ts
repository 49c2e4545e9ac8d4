import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseGateAddress, parseOwners } from '../../../src/engine/gate/address.ts'

const bytesOf = (text: string): string => {
  const parsed = parseGateAddress(text)
  assert.ok(parsed.ok, text)
  return Buffer.from(parsed.value.bytes).toString('hex')
}

test('addresses of both kinds as the kernel compares them', () => {
  assert.equal(bytesOf('192.0.2.100'), 'c0000264')
  for (const [text, hex] of [
    ['2001:db8::64', '20010db8000000000000000000000064'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['fe80::', `fe80${'0'.repeat(28)}`],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['2001:DB8:0:1:2:3:4::', '20010db8000000010002000300040000'],
  ] as const) {
    assert.equal(bytesOf(text), hex, text)
  }
})

test('anything else is refused', () => {
  for (const text of ['', '192.0.2', '192.0.2.256', 'fe80::1%eth0', '1::2::3', 'web1', '192.0.2.1/24']) {
    assert.equal(parseGateAddress(text).ok, false, text)
  }
})

test('an address has one owner, a name is given once', () => {
  assert.deepEqual(
    parseOwners([
      { owner: 'a', addresses: ['192.0.2.1', '::1'] },
      { owner: 'b', addresses: ['0:0::1'] },
    ]),
    { ok: false, error: '0:0::1 belongs to a and to b' },
  )
  const twice = parseOwners([
    { owner: 'a', addresses: [] },
    { owner: 'a', addresses: [] },
  ])
  assert.deepEqual(twice, { ok: false, error: 'two owners have the name a' })
})
