import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { dropNothing, dropOnInput } from './support/loss.ts'
import { LOOK_MS, observe } from './support/observe.ts'
import { type Peers, SILENT_MS, startPeers, statusOf, untilMet } from './support/peers.ts'

/** A firewall on one box eats the reports of the channel, while adverts pass: one node hears the other one, not vice versa. */

const CHANNEL = 'udp dport 7112'
const LASTS_MS = 5_000
const LIMIT_MS = 15_000
/** The longest wait and one report, and a busy machine. */
const T_MS = SILENT_MS + 400

for (const [deaf, title] of [
  ['web2', 'the backup'],
  ['web1', 'the holder'],
] as const) {
  test(`reports to ${title} are lost: the holder serves for as long as that lasts, and status says what is wrong`, async (context) => {
    await using peers = await startPeers()
    const from = monotonicMs()
    await dropOnInput(peers.box(deaf).host, CHANNEL)
    await delay(LASTS_MS)
    const warnings = (await Promise.all([peers.web1, peers.web2].map(statusOf))).flatMap((status) => status.warnings)
    const seen = await observe(peers, from)
    context.diagnostic(JSON.stringify({ seen, warnings }))
    assert.deepEqual([seen.lost, seen.twoMs, seen.path], [0, 0, ['web1']])
    assert.match(warnings.map(({ message }) => message).join('\n'), /web[12]/, 'a box says which node it does not hear')
    await heal(peers, deaf)
  })
}

test('reports to the backup are lost, and the holder hangs: the backup serves within T', async (context) => {
  await using peers = await startPeers()
  const { web1, web2, witness } = peers
  await dropOnInput(web2.host, CHANNEL)
  await delay(LASTS_MS)
  const hung = monotonicMs()
  web1.engine().signal('SIGSTOP')
  const taken = await witness.settled(['web2'], hung, LIMIT_MS)
  const seen = await observe(peers, hung)
  web1.engine().signal('SIGCONT')
  context.diagnostic(JSON.stringify({ takenAfterMs: Math.round(taken - hung), seen }))
  assert.ok(taken - hung < T_MS && seen.gapMs < T_MS, JSON.stringify(seen))
  assert.ok(seen.twoMs <= LOOK_MS, JSON.stringify(seen))
  await heal(peers, 'web2')
})

test('reports to the backup are lost, and the engine of the holder starts again: somebody serves within T', async (context) => {
  await using peers = await startPeers()
  const { web1, web2, client } = peers
  await dropOnInput(web2.host, CHANNEL)
  await delay(LASTS_MS)
  const killed = monotonicMs()
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  web1.startEngine()
  await delay(LASTS_MS)
  await client.servedSteadily(['web1', 'web2'], killed, LIMIT_MS)
  const seen = await observe(peers, killed)
  context.diagnostic(JSON.stringify(seen))
  assert.ok(seen.gapMs < T_MS, JSON.stringify(seen))
  assert.ok(seen.twoMs <= LOOK_MS, JSON.stringify(seen))
  await heal(peers, 'web2')
})

async function heal(peers: Peers, deaf: string): Promise<void> {
  const healed = monotonicMs()
  await dropNothing(peers.box(deaf).host)
  await untilMet(peers.boxes)
  await peers.witness.settled(['web1'], healed, LIMIT_MS)
  assert.ok((await observe(peers, healed)).twoMs <= LOOK_MS)
}
