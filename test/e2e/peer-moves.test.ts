import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { type Peers, startPeers, untilMet } from './support/peers.ts'

/**
 * Moves that somebody wants, beside a new connection each 5 ms: a SYN that nobody answers would be repeated after a second.
 */

const ROUNDS = 5
const LIMIT_MS = 15_000
/** Far below a repeated SYN, far above a busy machine. */
const SLOWEST_MS = 500

const run = async (box: Box, ...argv: readonly string[]): Promise<void> => {
  const { code, stdout, stderr } = await box.haup(...argv, '--run-dir', box.runDir)
  assert.equal(code, 0, `haup ${argv.join(' ')}: ${stdout}${stderr}`)
}

type Move = { readonly name: string; readonly to: string; readonly act: (peers: Peers) => Promise<unknown> }

const MOVES: readonly Move[] = [
  { name: 'failover', to: 'web2', act: ({ web1 }) => run(web1, 'failover') },
  { name: 'failover --back, preempting', to: 'web1', act: ({ web1 }) => run(web1, 'failover', '--back') },
  { name: 'failover --to', to: 'web2', act: ({ web1 }) => run(web1, 'failover', '--to', 'web2') },
  { name: 'failover --back, preempting', to: 'web1', act: ({ web1 }) => run(web1, 'failover', '--back') },
  { name: 'standby', to: 'web2', act: ({ web1 }) => run(web1, 'standby') },
  { name: 'resume, preempting', to: 'web1', act: ({ web1 }) => run(web1, 'resume') },
  { name: 'SIGTERM', to: 'web2', act: ({ web1 }) => web1.engine().stop() },
  { name: 'start, preempting', to: 'web1', act: async ({ web1 }) => web1.startEngine() },
]

test('planned moves: no connection fails, none is sent again, never two holders', async (context) => {
  await using peers = await startPeers({
    pace: { intervalMs: 5, timeoutMs: 3_000 },
  })
  const { web1, web2, witness, client } = peers
  const bad: string[] = []
  /** A SYN that met a closed gate, and was sent again by the client's kernel after a second. */
  const again: string[] = []
  let slowest = 0
  for (let round = 1; round <= ROUNDS; round++) {
    for (const { name, to, act } of MOVES) {
      const from = monotonicMs()
      await act(peers)
      const taken = await witness.settled([to], from, LIMIT_MS)
      const [served, held] = [await client.viewSince(from), await witness.viewSince(from)]
      if (round === 1)
        context.diagnostic(`${name}: ${JSON.stringify({ after: taken - from, served, held: held.twoMs })}`)
      slowest = Math.max(slowest, served.slowestMs)
      if (served.slowestMs > SLOWEST_MS) again.push(`${round} ${name}: ${served.slowestMs} ms`)
      if (served.lost > 0 || held.longestTwoMs > 0) bad.push(`${round} ${name}: ${JSON.stringify({ served, held })}`)
    }
    await untilMet([web1, web2])
  }
  context.diagnostic(`${ROUNDS * MOVES.length} moves, slowest connection ${slowest} ms`)
  const logs = [web1, web2].map((box) => box.engine().log.lines().slice(-30).join('\n')).join('\n\n')
  assert.deepEqual(bad, [], logs)
  assert.deepEqual(again, [], logs)
})
