import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { loseBetween, loseInBursts, loseNothing } from './support/loss.ts'
import { observe } from './support/observe.ts'
import { type Peers, startPeers } from './support/peers.ts'
import { quicken, slowDown } from './support/slow-line.ts'

/** Lines between the boxes that lose packets at random, and late ones. */

const LASTS_MS = 8_000
const LIMIT_MS = 15_000

const losses: Readonly<Record<string, (peers: Peers) => Promise<void>>> = {
  'half of all to the backup': async ({ topology, web1, web2 }) => {
    await loseBetween(topology, [{ from: web1.host, to: web2.host, percent: 50 }])
    await delay(LASTS_MS)
  },
  '40 % both ways': async ({ topology, web1, web2 }) => {
    await loseBetween(topology, [
      { from: web1.host, to: web2.host, percent: 40 },
      { from: web2.host, to: web1.host, percent: 40 },
    ])
    await delay(LASTS_MS)
  },
  'all in bursts': ({ topology, web1, web2 }) => loseInBursts(topology, [web1.host, web2.host], LASTS_MS, 17),
}

test('a second line: whatever the LAN between the boxes loses, the holder serves', async (context) => {
  await using peers = await startPeers({ secondLine: true })
  for (const [what, lose] of Object.entries(losses)) {
    const from = monotonicMs()
    await lose(peers)
    const seen = await observe(peers, from)
    context.diagnostic(`${what}: ${JSON.stringify(seen)}`)
    assert.deepEqual([seen.lost, seen.twoMs, seen.path], [0, 0, ['web1']], what)
  }
})

/** keepalived's, with adverts of 1 s and 50 % lost: 3.2 s in two minutes. */
const LOSSY_GAP_MS = 2_000

test('one line, adverts each second: half is lost, and somebody serves', async (context) => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { topology, witness } = peers
  for (const [what, lose] of Object.entries(losses).slice(0, 2)) {
    const from = monotonicMs()
    await lose(peers)
    const seen = await observe(peers, from)
    context.diagnostic(`${what}: ${JSON.stringify(seen)}`)
    assert.ok(seen.gapMs < LOSSY_GAP_MS, `${what}: ${JSON.stringify(seen)}`)
    await loseNothing(topology)
    await witness.settled(['web1'], monotonicMs(), LIMIT_MS)
  }
})

test('one line, adverts each 100 ms: all is 30 to 70 ms late, and some is lost; the holder serves', async (context) => {
  await using peers = await startPeers()
  const { web2, witness } = peers
  const line = await slowDown(peers, web2.host, { delayMs: 50, jitterMs: 20, lossPercent: 1, seed: 17 })
  const from = monotonicMs()
  await delay(LASTS_MS)
  const seen = await observe(peers, from)
  await quicken(peers, web2.host, line)
  context.diagnostic(JSON.stringify(seen))
  assert.ok(seen.gapMs < 200, JSON.stringify(seen))
  assert.equal(seen.path[0], 'web1')
  await witness.settled(['web1'], monotonicMs(), LIMIT_MS)
})
