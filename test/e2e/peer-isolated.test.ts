import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockPort, darkenPort, lightPort, unblockPort } from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { entered, logged } from './support/pair.ts'
import { SILENT_MS, startPeers, statusOf, untilMet } from './support/peers.ts'

/** A box that the LAN cannot reach. */

const AGAIN_MS = 200
const LIMIT_MS = 15_000

test('without a second line: the box that the LAN reaches holds, whichever is cut off', async (context) => {
  await using peers = await startPeers()
  const { web1, web2, witness, client, topology } = peers
  const from = monotonicMs()
  await blockPort(topology, web1.host)
  const taken = await witness.settled(['web2'], from, LIMIT_MS)
  context.diagnostic(`master cut off, no second line: the other one holds after ${Math.round(taken - from)} ms`)
  assert.ok(taken - from < SILENT_MS + AGAIN_MS, `${taken - from} ms`)
  await client.servedBy('web2', from)
  const healed = monotonicMs()
  await unblockPort(topology, web1.host)
  const back = await witness.settled(['web1'], healed, LIMIT_MS)
  const healing = await witness.viewSince(healed)
  context.diagnostic(
    `healed: ${JSON.stringify({ backAfter: back - healed, twoMs: healing.twoMs, noneMs: healing.noneMs })}`,
  )
  assert.ok(healing.twoMs < AGAIN_MS, JSON.stringify(healing))

  await untilMet([web1, web2])
  const [cut, seen] = [monotonicMs(), web2.engine().log.position()]
  await blockPort(topology, web2.host)
  // Nothing comes to it any more: it claims nothing, and says why.
  await web2.engine().log.until(/nothing at all arrives on eth0/, { after: seen })
  const { noneMs, twoMs, held } = await witness.viewSince(cut)
  assert.deepEqual([noneMs, twoMs, Object.keys(held)], [0, 0, ['web1']])
})

test('a second line: the LAN of the master is dark, the other one takes over; the master returns with the LAN', async (context) => {
  await using peers = await startPeers({ secondLine: true })
  const { web1, web2, witness, client, topology } = peers
  const seen = web1.engine().log.position()
  const from = monotonicMs()
  await blockPort(topology, web1.host)
  const taken = await witness.settled(['web2'], from, LIMIT_MS)
  context.diagnostic(`LAN of the master dark, second line: the other one holds after ${Math.round(taken - from)} ms`)
  assert.match(
    await web1.engine().log.until(logged('peer.cut-off'), { after: seen }),
    /cut off: nothing on the LAN answers/,
  )
  const { state, reason } = (await statusOf(web1)).instances[0] ?? assert.fail('no instance')
  assert.equal(state, 'FAULT')
  assert.match(reason, /cut off/)
  await client.servedSteadily(['web2'], from, LIMIT_MS)
  assert.equal((await statusOf(web2)).peers[0]?.life, 'alive')

  const healed = monotonicMs()
  await unblockPort(topology, web1.host)
  const back = await witness.settled(['web1'], healed, LIMIT_MS)
  const view = await witness.viewSince(from)
  context.diagnostic(
    `healed: ${JSON.stringify({ backAfter: back - healed, twoMs: view.twoMs, longestNoneMs: view.longestNoneMs })}`,
  )
  assert.equal(view.twoMs, 0, JSON.stringify(view.two))
  await web1.engine().log.until(logged('peer.reached-again'), { after: seen })
})

test('a second line: the carrier of the master is lost, the other one is there at once', async (context) => {
  // So that VRRP's own timers (3.6 s) cannot be what takes over.
  await using peers = await startPeers({ secondLine: true, instance: { advert_interval: '1s' } })
  const { web1, web2, witness, topology } = peers
  const from = monotonicMs()
  await darkenPort(topology, web1.host)
  const taken = await witness.settled(['web2'], from, LIMIT_MS)
  context.diagnostic(`carrier lost: the other one holds after ${Math.round(taken - from)} ms`)
  assert.ok(taken - from < 300, `${taken - from} ms`)
  assert.match(await web2.engine().log.until(entered('MASTER')), /web1 has let go: .*eth0/)
  const healed = monotonicMs()
  await lightPort(topology, web1.host)
  await witness.settled(['web1'], healed, LIMIT_MS)
  assert.equal((await witness.viewSince(from)).twoMs, 0)
})
