import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { logged } from './support/pair.ts'
import { startPeers, statusOf, untilStatus } from './support/peers.ts'

/** Adverts each second: by VRRP alone a move after priority 0 lasts up to a second, and a return three. */

const LIMIT_MS = 15_000

test('the service fails on the master: moved at once; on both: stays, and is said; whoever recovers gets it', async (context) => {
  await using peers = await startPeers({
    instance: { advert_interval: '1s' },
    service: { restart_budget: '1 within 60s' },
  })
  const { web1, web2, witness, client } = peers
  const wrong = monotonicMs()
  await web1.nginx.answer500()
  const failed = await web1.engine().log.until(logged('service.failed.repair'))
  const from = monotonicMs()
  const taken = await witness.settled(['web2'], 0, LIMIT_MS)
  context.diagnostic(
    `service failed on the master: told after ${Math.round(from - wrong)} ms, the other one holds ${Math.round(taken - from)} ms later`,
  )
  assert.ok(taken - from < 600, `${taken - from} ms: ${failed}`)
  await client.servedSteadily(['web2'], taken, LIMIT_MS)

  const both = monotonicMs()
  await web2.nginx.answer500()
  await web2.engine().log.until(/neither restarted nor moved: .*, the same on web1: look at what both depend on/)
  await delay(4_000)
  assert.equal(web2.engine().log.count(/"code":"service.restart"/), 0)
  const view = await witness.viewSince(both)
  assert.deepEqual([view.noneMs, view.twoMs, Object.keys(view.held)], [0, 0, ['web2']])
  const { state, reason } = (await statusOf(web2)).instances[0] ?? assert.fail('no instance')
  assert.equal(state, 'MASTER')
  context.diagnostic(`failed on both: ${reason}`)

  const repaired = monotonicMs()
  await web1.nginx.answerNormally()
  await web1.engine().log.until(logged('service.healthy'), { times: 2 })
  const known = monotonicMs()
  const moved = await witness.settled(['web1'], repaired, LIMIT_MS)
  context.diagnostic(`recovered on the backup: it holds ${Math.round(moved - known)} ms after it was told`)
  assert.ok(moved - known < 500, `${moved - known} ms`)
  await client.servedSteadily(['web1'], moved, LIMIT_MS)
  assert.equal((await witness.viewSince(both)).twoMs, 0)
  await untilStatus(web1, 'web2 is not ready', ({ peers: [peer] }) => peer?.instances[0]?.ready === false)
})
