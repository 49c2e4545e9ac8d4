import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateLan, OTHER_VIP, PORT, VIP } from './support.ts'

/** What stays closed after an engine, for addresses that the box has without haup. */

const closed = (...addresses: readonly string[]) => ({ ok: true, value: addresses })

test('an engine that retires leaves closed what was closed, where it is told to, until somebody removes it', async () => {
  await using lan = await createGateLan()
  const { engine, client, startEngine } = lan
  assert.deepEqual(await engine.call('closedAddresses'), closed())
  await engine.call('prepare', [{ owner: 'www', addresses: [VIP] }])
  await engine.call('open', 'www', 60_000)
  assert.equal(await client.call('reach', VIP, PORT, 1_000), true)
  assert.deepEqual(await engine.call('retire', true), { ok: true })
  assert.equal(await client.call('reach', VIP, PORT, 300), false)
  assert.equal(await client.call('reach', OTHER_VIP, PORT, 1_000), true, 'others are not concerned')
  // Whoever comes next may ask, and open.
  const next = startEngine()
  assert.deepEqual(await next.call('closedAddresses'), closed(VIP))
  assert.deepEqual(await next.call('retire', true), { ok: true })
  assert.deepEqual(await next.call('closedAddresses'), closed(VIP))
  assert.deepEqual(await next.call('retire', false), { ok: true })
  assert.deepEqual(await next.call('closedAddresses'), closed())
  assert.equal(await client.call('reach', VIP, PORT, 1_000), true)
})
