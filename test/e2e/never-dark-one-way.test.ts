import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { loseBetween, loseNothing } from './support/loss.ts'
import { observe } from './support/observe.ts'
import { entered } from './support/pair.ts'
import { SILENT_MS, startPeers, statusOf } from './support/peers.ts'

/** Nothing passes from one box to the other one, by the one line that there is; clients reach both. */

const LASTS_MS = 8_000
const LIMIT_MS = 15_000
const T_MS = SILENT_MS + 400
/** Until the one that is not heard has learned it, and has let go. */
const CONFLICT_MS = 400

for (const [from, to] of [
  ['web1', 'web2'],
  ['web2', 'web1'],
] as const) {
  test(`nothing passes from ${from} to ${to}: one box serves all the time but T`, async (context) => {
    await using peers = await startPeers()
    const { witness, topology, box, web1, web2 } = peers
    const cut = monotonicMs()
    await loseBetween(topology, [{ from: box(from).host, to: box(to).host, percent: 100 }])
    await delay(LASTS_MS)
    const late = await observe(peers, cut + LASTS_MS / 2)
    const warnings = (await Promise.all([web1, web2].map(statusOf))).flatMap((status) => status.warnings)
    const healed = monotonicMs()
    await loseNothing(topology)
    await witness.settled(['web1'], healed, LIMIT_MS)
    const seen = await observe(peers, cut)
    context.diagnostic(JSON.stringify({ seen, late, warnings }))
    assert.ok(seen.gapMs < T_MS && seen.longestNoneMs < T_MS, JSON.stringify(seen))
    assert.ok(seen.twoMs < CONFLICT_MS, JSON.stringify(seen))
    assert.deepEqual([late.lost, late.twoMs, late.path.length], [0, 0, 1], 'it does not go on changing')
    assert.ok(warnings.length > 0, 'a box says that it is not heard, or does not hear')
  })
}

test('nothing passes from web1 to web2, whose engine starts anew: what it proves nothing of is believed all the same', async (context) => {
  await using peers = await startPeers()
  const { witness, topology, web1, web2 } = peers
  web2.engine().signal('SIGKILL')
  await web2.engine().exited
  await loseBetween(topology, [{ from: web1.host, to: web2.host, percent: 100 }])
  const started = monotonicMs()
  web2.startEngine()
  await web2.engine().log.until(entered('MASTER'))
  const claimed = monotonicMs()
  await web1.engine().log.until(/web2 holds the addresses, too, and does not hear this node/)
  await delay(LASTS_MS)
  const late = await observe(peers, claimed + LASTS_MS / 2)
  const healed = monotonicMs()
  await loseNothing(topology)
  await witness.settled(['web1'], healed, LIMIT_MS)
  const seen = await observe(peers, started)
  context.diagnostic(JSON.stringify({ seen, late }))
  assert.ok(seen.twoMs < CONFLICT_MS, JSON.stringify(seen))
  assert.ok(seen.longestNoneMs < T_MS, JSON.stringify(seen))
  assert.deepEqual([late.lost, late.twoMs, late.path], [0, 0, ['web2']], 'it does not go on changing')
})
