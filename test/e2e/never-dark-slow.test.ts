import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { observe } from './support/observe.ts'
import { anyStateChange } from './support/pair.ts'
import { startPeers } from './support/peers.ts'
import { starve } from './support/starve.ts'

/** An engine that lives, and is slow. */

const STARVED_MS = 15_000
/** It may come and go; the other one is there each time. */
const STARVED_GAP_MS = 4_000
const LIMIT_MS = 20_000

for (const secondLine of [false, true]) {
  const lines = secondLine ? 'two lines' : 'one line'
  test(`${lines}: the holder gets next to no processor time, and the other box serves`, async (context) => {
    await using peers = await startPeers({ secondLine })
    const { web1, witness } = peers
    const from = monotonicMs()
    {
      await using starved = await starve(web1.engine().pid)
      context.diagnostic(starved.how)
      await delay(STARVED_MS)
    }
    const seen = await observe(peers, from)
    context.diagnostic(JSON.stringify(seen))
    assert.ok(seen.gapMs < STARVED_GAP_MS, JSON.stringify(seen))
    assert.ok(seen.path.includes('web2'), 'the other one has held meanwhile')
    // A starved engine still opens its gate for what it can answer for, and no longer.
    assert.ok(seen.twoMs < 100, JSON.stringify(seen))
    await witness.settled(['web1'], monotonicMs(), LIMIT_MS)
  })
}

const STALLS = 5
const STALL_MS = 1_900
const BETWEEN_MS = 1_100

test('adverts each second: stalls of 1.9 s move nothing', async (context) => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, web2 } = peers
  const positions = [web1, web2].map((box) => box.engine().log.position())
  const from = monotonicMs()
  for (let stall = 0; stall < STALLS; stall += 1) {
    web1.engine().signal('SIGSTOP')
    await delay(STALL_MS)
    web1.engine().signal('SIGCONT')
    await delay(BETWEEN_MS)
  }
  const seen = await observe(peers, from)
  context.diagnostic(JSON.stringify(seen))
  assert.deepEqual([seen.lost, seen.twoMs, seen.path], [0, 0, ['web1']])
  for (const [index, box] of [web1, web2].entries())
    assert.equal(box.engine().log.count(anyStateChange, positions[index]), 0, box.name)
})
