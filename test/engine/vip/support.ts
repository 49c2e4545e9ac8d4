import assert from 'node:assert/strict'
import type { BoundAddress } from '../../../src/engine/ports.ts'
import { parseIpv4Prefix } from '../../../src/shared/ip.ts'

/** What `createPair` sets on `e0` of the first namespace. */
export const IP = '192.0.2.11/24 e0'

/** What a successful `apply` answers, over JSON. */
export const done = { ok: true }

/** An address on `e0`. */
export function bound(text: string, label?: string): BoundAddress {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return { interface: 'e0', address: parsed.value, label }
}
