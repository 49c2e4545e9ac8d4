import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { equalBytes, passwordBytes } from '../../../src/engine/vrrp/password.ts'
import { fromHex } from './setting.ts'

test('a short password is padded with zero bytes', () => {
  assert.deepEqual(passwordBytes('abc'), fromHex('6162630000000000'))
})

test('a long password is cut after 8 bytes', () => {
  assert.deepEqual(passwordBytes('secret-12345'), passwordBytes('secret-1'))
})

test('the limit counts bytes of UTF-8, not characters', () => {
  assert.deepEqual(passwordBytes('pässwörd'), fromHex('70c3a4737377c3b6'))
})

test('comparison agrees with plain equality', () => {
  const bytes = fc.uint8Array({ maxLength: 9 })
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0)
      assert.ok(equalBytes(a, Uint8Array.from(a)))
    }),
  )
})

test('a difference in any single byte, or in length, is seen', () => {
  const password = passwordBytes('secret-1')
  for (let index = 0; index < 8; index++) {
    const other = Uint8Array.from(password)
    other[index] = (other[index] ?? 0) ^ 0x80
    assert.equal(equalBytes(password, other), false)
  }
  assert.equal(equalBytes(password, password.subarray(0, 7)), false)
  assert.equal(equalBytes(Uint8Array.of(0, 0), Uint8Array.of(0)), false)
})
