import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { logged } from './support/pair.ts'
import { startPeers, statusOf } from './support/peers.ts'

/** The preferred node's engine stops and goes on in turns: it is fit to take over each time, and not to hold. */

const TURNS = 9

test('a holder that stalls again and again: the address stays with the other one for longer each time', async (context) => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, witness } = peers
  const from = monotonicMs()
  const engine = web1.engine()
  for (let turn = 0; turn < TURNS; turn += 1) {
    engine.signal('SIGSTOP')
    await delay(3_800)
    engine.signal('SIGCONT')
    await delay(900)
  }
  const view = await witness.viewSince(from)
  const moves = Object.values(view.held).flat().length - 1
  context.diagnostic(`${moves} moves in ${Math.round((monotonicMs() - from) / 1_000)} s`)
  assert.ok(moves <= 6, `${moves} moves: ${JSON.stringify(view)}`)
  assert.equal(view.twoMs, 0)
  assert.match(
    await engine.log.until(logged('damped')),
    /lost 2 times by a fault within .*: not taken back from a node/,
  )
  const { state, reason } = (await statusOf(web1)).instances[0] ?? assert.fail('no instance')
  if (state === 'BACKUP') assert.match(reason, /lost \d times by a fault within .*: not taken back before 20\d\d-/)
})
