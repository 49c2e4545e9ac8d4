import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newLease, renewal } from '../../../src/engine/gate/lease.ts'
import { takeSteps } from '../../../src/engine/gate/step.ts'
import type { NetlinkSocket } from '../../../src/engine/io/netlink.ts'
import { ok } from '../../../src/shared/result.ts'
import { fromMillis, plus } from '../../../src/shared/units.ts'

/** A kernel that takes so many milliseconds for each transaction, one after the other; the rest take none. */
async function renewWith(...durations: readonly number[]) {
  let now = fromMillis(1_000)
  let transactions = 0
  const socket: NetlinkSocket = {
    transact: () => assert.fail(),
    transactBatch: () => {
      now = plus(now, fromMillis(durations[transactions] ?? 0))
      transactions += 1
      return Promise.resolve(ok(undefined))
    },
    port: 1,
    close: () => undefined,
  }
  const lease = newLease()
  const [done] = await takeSteps(socket, [renewal(() => now, 'www', lease, fromMillis(1_278))])
  assert.ok(done !== undefined)
  return { ok: done.ok, error: done.ok ? undefined : done.error, transactions, until: lease.until }
}

test('in time: once', async () => assert.deepEqual((await renewWith(9)).transactions, 1))

test('held up once, however long: again, and open until the same instant', async () => {
  for (const held of [11, 100, 250]) {
    assert.deepEqual(await renewWith(held), { ok: true, error: undefined, transactions: 2, until: 1_278_000 })
  }
})

test('a slow box gets by with a reserve', async () => assert.deepEqual((await renewWith(30, 30, 30)).ok, true))

test('one that gets ever slower closes, and so does one that is too late', async () => {
  const slower = await renewWith(15, 30, 75, 95, 50)
  assert.match(slower.error ?? '', /stays closed: this box is too slow to renew it/)
  const late = await renewWith(290)
  assert.match(late.error ?? '', /stays closed: it was asked for 12ms too late/)
  assert.deepEqual([late.until, late.transactions], [0, 2], 'what was opened is closed')
})
