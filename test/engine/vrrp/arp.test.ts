import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gratuitousArp } from '../../../src/engine/vrrp/arp.ts'
import { CAPTURED_ARP } from './captured.ts'
import { fromHex, ip } from './setting.ts'

test('the frame is byte for byte the one that keepalived sends', () => {
  assert.deepEqual(gratuitousArp(fromHex('02005e10000a'), ip('203.0.113.250')), fromHex(CAPTURED_ARP))
})

test('a hardware address of another length is a bug', () => {
  assert.throws(() => gratuitousArp(fromHex('02005e1000'), ip('203.0.113.250')), RangeError)
})
