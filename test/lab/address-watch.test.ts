import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAddressChange } from '../../src/lab/address-watch.ts'

/** Lines as iproute2 6.1 writes them. */
const added =
  '[2026-11-21T00:54:15.773446] 3: eth0    inet 192.0.2.100/24 scope global secondary eth0\\       valid_lft forever'
const deleted =
  '[2026-11-21T00:54:15.773449] Deleted 3: eth0    inet 192.0.2.100/32 scope global eth0\\       valid_lft 9sec'

test('an address is added and removed at an instant', () => {
  const at = Date.UTC(2026, 10, 21, 0, 54, 15)
  assert.deepEqual(readAddressChange(added, '192.0.2.100'), { at: at + 773.446, has: true })
  assert.deepEqual(readAddressChange(deleted, '192.0.2.100'), { at: at + 773.449, has: false })
})

test('other addresses, and lines of another kind, are nothing', () => {
  for (const line of [added.replace('.100/', '.10/'), '', 'Deleted 3: eth0', added.replace(/^\[.*?\] /, '')]) {
    assert.equal(readAddressChange(line, '192.0.2.100'), undefined)
  }
})
