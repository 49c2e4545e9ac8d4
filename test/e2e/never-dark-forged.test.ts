import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { attack } from './support/attack.ts'
import { advertFrame } from './support/frames.ts'
import { observe } from './support/observe.ts'
import { entered } from './support/pair.ts'
import { startPeers } from './support/peers.ts'

/** Somebody on the LAN sends what only nodes should send. */

test('one forged advert with an interval of 41 s, the other box is dead: the holder goes on', async (context) => {
  await using peers = await startPeers({ others: ['attacker'] })
  const { web1, web2, witness, host } = peers
  const died = monotonicMs()
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  await witness.settled(['web2'], died, 10_000)
  const from = monotonicMs()
  const frames = [advertFrame({ source: '192.0.2.99', intervalMs: 40_950 })]
  await attack(host('attacker'), { frames, perSecond: 1, lastsMs: 0 })
  await delay(5_000)
  const seen = await observe(peers, from)
  context.diagnostic(JSON.stringify(seen))
  // Nothing else can tell it from a router: T, and no longer.
  assert.ok(seen.gapMs < 1_000, JSON.stringify(seen))
  // Nor does it stretch what a later engine waits for.
  const started = monotonicMs()
  await web1.startEngine().log.until(entered('MASTER'))
  await witness.settled(['web1'], started, 10_000)
  assert.equal(web2.engine().log.count(/40\.950s|122\.\d+s/), 0)
})
