import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { blockPort } from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startPeers } from './support/peers.ts'

/** Adverts as `haup init` writes them between haup nodes on hardware. */
const BRISK = { advert_interval: '250ms', priority: { web1: 250, web2: 240 } }

/** What `haup init` says of it. */
const REPLACED_MS = 900
const STALL_MS = 300
const STALLS = 8

test('a dead box without a second line is replaced within the time that init says', async (context) => {
  await using peers = await startPeers({ instance: BRISK })
  const { topology, web1, witness } = peers
  const from = monotonicMs()
  await blockPort(topology, web1.host)
  const taken = await witness.settled(['web2'], from, 5_000)
  context.diagnostic(`replaced after ${(taken - from).toFixed(0)} ms`)
  assert.ok(taken - from <= REPLACED_MS, `${taken - from} ms`)
})

test('pauses that init calls short move nothing', async (context) => {
  await using peers = await startPeers({ instance: BRISK })
  const { web1, web2, witness, client } = peers
  const from = monotonicMs()
  for (let stall = 0; stall < STALLS; stall++) {
    web1.engine().signal('SIGSTOP')
    await delay(STALL_MS)
    web1.engine().signal('SIGCONT')
    await delay(700)
  }
  const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
  context.diagnostic(`${STALLS} pauses of ${STALL_MS} ms: ${JSON.stringify(served)}`)
  const { released_master } = (await web1.status()).instances[0]?.counters ?? assert.fail('no instance')
  assert.deepEqual([held.twoMs, served.path, released_master], [0, ['web1'], 0])
  assert.equal((await web2.status()).instances[0]?.counters.became_master, 0)
})
