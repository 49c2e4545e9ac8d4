import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { VIP } from './support/config.ts'
import { entered, logged, startPair, untilHolders } from './support/pair.ts'
import { startPeers } from './support/peers.ts'

const release = (box: Box, ...args: readonly string[]) =>
  box.haup('release', '--yes', '--json', '--run-dir', box.runDir, '--config', box.configFile, ...args)

const forceHold = (box: Box, ...args: readonly string[]) =>
  box.haup('force-hold', '--json', '--run-dir', box.runDir, '--config', box.configFile, '--node', box.name, ...args)

const codeOf = (answer: { readonly stdout: string }): string => JSON.parse(answer.stdout).error.code

const kill = async (box: Box): Promise<void> => {
  box.engine().signal('SIGKILL')
  await box.engine().exited
}

const addressesOf = ({ host }: Box): Promise<string> =>
  runOrThrow(['ip', '-n', host.namespace, '-d', 'addr', 'show', 'dev', INTERFACE])

test('release refuses while an engine answers, and takes away what a dead one left', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const refused = await release(web1)
  assert.deepEqual([refused.code, codeOf(refused)], [3, 'engine.running'])
  await untilHolders(pair, ['web1'])

  await kill(web2)
  await kill(web1)
  const released = await release(web1)
  assert.equal(released.code, 0, released.stdout)
  assert.deepEqual(JSON.parse(released.stdout), {
    removed: [{ address: `${VIP}/24`, interface: INTERFACE }],
    gate: 'removed',
    remaining: [],
    unchecked: null,
  })
  await untilHolders(pair, [])
  const again = await release(web1)
  assert.deepEqual([again.code, JSON.parse(again.stdout).removed], [0, []])
})

test('an address that somebody else set is told and not touched', async () => {
  await using pair = await startPair()
  const { web1 } = pair
  await kill(web1)
  await release(web1)
  await runOrThrow(['ip', '-n', web1.host.namespace, 'addr', 'add', `${VIP}/32`, 'dev', INTERFACE])
  const released = await release(web1)
  assert.equal(released.code, 3)
  assert.deepEqual(JSON.parse(released.stdout).remaining, [{ address: `${VIP}/32`, interface: INTERFACE }])
})

test('a stopped engine: release explains, --force takes the address, and the engine that wakes takes part again', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  web1.engine().signal('SIGSTOP')
  await web2.engine().log.until(entered('MASTER'))
  const refused = await release(web1)
  assert.deepEqual([refused.code, codeOf(refused)], [3, 'engine.hung'])
  assert.match(refused.stdout, new RegExp(`kill -9 ${web1.engine().pid}`))
  const forced = await release(web1, '--force')
  assert.equal(forced.code, 0, forced.stdout)
  assert.equal(JSON.parse(forced.stdout).gate, 'left')
  await untilHolders(pair, ['web2'])

  const seen = web1.engine().log.position()
  const woken = monotonicMs()
  web1.engine().signal('SIGCONT')
  await web1.engine().log.until(entered('MASTER'), { after: seen })
  await client.servedBy('web1', woken)
  await untilHolders(pair, ['web1'])
})

test('force-hold: refuses beside an engine and while another box answers; then binds, lasts, and ends', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const beside = await forceHold(web1, 'www')
  assert.deepEqual([beside.code, codeOf(beside)], [3, 'engine.running'])

  await kill(web2)
  const answered = await forceHold(web2, '--all')
  assert.deepEqual([answered.code, codeOf(answered)], [3, 'vip.answered'], answered.stdout)
  await untilHolders(pair, ['web1'])

  await kill(web1)
  const forced = monotonicMs()
  const held = await forceHold(web2, 'www')
  assert.equal(held.code, 0, held.stdout)
  assert.deepEqual(JSON.parse(held.stdout).held, [{ instance: 'www', address: `${VIP}/24`, interface: INTERFACE }])
  await client.servedBy('web2', forced)
  assert.match(await addressesOf(web2), new RegExp(`${VIP}/24.*\\n\\s+valid_lft forever`))
  assert.equal((await forceHold(web2, 'www')).code, 0, 'idempotent')

  assert.equal((await release(web2)).code, 0)
  assert.doesNotMatch(await addressesOf(web2), new RegExp(VIP))
})

test('what a killed engine left behind a closed gate is opened by force-hold; the next engine makes order', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await kill(web2)
  await kill(web1)
  const dead = monotonicMs()
  await client.lost(dead)
  const forced = monotonicMs()
  assert.equal((await forceHold(web1, '--all')).code, 0)
  await client.servedBy('web1', forced)

  web1.startEngine()
  await web1.engine().log.until(logged('vip.left-over'))
  await web1.engine().log.until(entered('MASTER'))
  await client.servedBy('web1', monotonicMs())
})

test('force-hold just after a planned move: what comes is not handed on any more', async () => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, web2, client, witness } = peers
  web1.engine().signal('SIGTERM')
  await web1.engine().exited
  await witness.settled(['web2'], 0, 10_000)
  await kill(web2)
  const forced = monotonicMs()
  const held = await forceHold(web1, '--all')
  assert.equal(held.code, 0, held.stdout)
  const done = monotonicMs()
  await client.servedSteadily(['web1'], forced, 15_000)
  assert.ok(monotonicMs() - done < 3_000, `${monotonicMs() - done} ms after it said that it holds`)
})

test('force-hold although another box answers is possible for who insists', async () => {
  await using pair = await startPair()
  const { web2 } = pair
  await kill(web2)
  const insisted = await forceHold(web2, 'www', '--i-know-that-the-peer-is-dead')
  assert.equal(insisted.code, 0, insisted.stdout)
  await untilHolders(pair, ['web1', 'web2'])
  assert.equal((await release(web2)).code, 0)
})

test('force-hold wants to know what: an instance of the configuration, or all', async () => {
  await using pair = await startPair()
  const { web2 } = pair
  await kill(web2)
  for (const args of [[], ['www', '--all']]) {
    const answer = await forceHold(web2, ...args)
    assert.deepEqual([answer.code, codeOf(answer)], [2, 'usage'])
  }
  const unknown = await forceHold(web2, 'nope')
  assert.deepEqual([unknown.code, codeOf(unknown)], [3, 'instance.unknown'])
})
