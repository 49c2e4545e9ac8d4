import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Status } from '../../src/control/messages.ts'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { logged } from './support/pair.ts'
import { startPeers, statusOf, untilMet, untilStatus } from './support/peers.ts'

const BOXES = ['web1', 'web2', 'web3']
const LIMIT_MS = 20_000

const kill = async (box: Box): Promise<void> => {
  box.engine().signal('SIGKILL')
  await box.engine().exited
}

test('three nodes: moves go to the next one or to the one that is named; the last one holds', async (context) => {
  await using peers = await startPeers({ boxes: BOXES })
  const { witness, client, web1, web2, boxes } = peers
  const [, , web3] = boxes
  assert.ok(web3 !== undefined)
  assert.equal((await statusOf(web3)).peers.length, 2)
  const from = monotonicMs()
  const handOver = () => web1.haup('failover', '--to', 'web3', '--run-dir', web1.runDir)
  const refused = await handOver()
  assert.match(refused.stderr, /web2 would take www from web3 at once/)
  assert.equal(refused.code, 3)
  await web2.haup('standby', '--run-dir', web2.runDir)
  const isBehind = ({ peers: others }: Status): boolean =>
    others.some(({ node, standby }) => node === 'web2' && standby === true)
  await untilStatus(web1, 'web2 stands by', isBehind)
  const failover = await handOver()
  assert.equal(failover.code, 0, failover.stdout + failover.stderr)
  await web2.haup('resume', '--run-dir', web2.runDir)
  // It has the better right than web3, and takes it by preemption.
  await witness.settled(['web2'], from, LIMIT_MS)
  await web1.haup('failover', '--back', '--run-dir', web1.runDir)
  await witness.settled(['web1'], from, LIMIT_MS)
  const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
  context.diagnostic(`moves: ${JSON.stringify({ ...held, held: undefined, served })}`)
  assert.deepEqual([held.twoMs, served.lost, served.path], [0, 0, ['web1', 'web3', 'web2', 'web1']])

  const died = monotonicMs()
  await kill(web1)
  const second = await witness.settled(['web2'], died, LIMIT_MS)
  const again = monotonicMs()
  await kill(web2)
  const third = await witness.settled(['web3'], again, LIMIT_MS)
  context.diagnostic(`killed: ${Math.round(second - died)} ms, then ${Math.round(third - again)} ms`)
  assert.equal((await witness.viewSince(died)).twoMs, 0)
})

test('a majority: of three one may be lost, with two lost nobody holds and says why; with two back one does', async (context) => {
  await using peers = await startPeers({ boxes: BOXES, together: true, document: { quorum: 'majority' } })
  const { witness, web1, web2, boxes } = peers
  const [, , web3] = boxes
  assert.ok(web3 !== undefined)
  const from = monotonicMs()
  await kill(web3)
  await kill(web1)
  // web2 alone, while it heard the others: it may take over for a moment, until nobody acknowledges.
  const nobody = await witness.settled([], from, LIMIT_MS)
  context.diagnostic(`master and another one killed: nobody holds after ${Math.round(nobody - from)} ms`)
  assert.match(await web2.engine().log.until(logged('peer.claim-waits')), /1 of 3 nodes are no majority/)
  const { state } = (await statusOf(web2)).instances[0] ?? assert.fail('no instance')
  assert.notEqual(state, 'MASTER')

  const started = monotonicMs()
  web1.startEngine()
  await witness.settled(['web1'], started, LIMIT_MS)
  web3.startEngine()
  await untilMet([web1, web2, web3])
  const lost = monotonicMs()
  await kill(web1)
  const taken = await witness.settled(['web2'], lost, LIMIT_MS)
  context.diagnostic(`one of three killed: the next one holds after ${Math.round(taken - lost)} ms`)
  const alone = monotonicMs()
  await kill(web3)
  const closed = await witness.settled([], alone, LIMIT_MS)
  context.diagnostic(`the holder alone: nobody holds after ${Math.round(closed - alone)} ms`)
  await web2.engine().log.until(/"code":"vrrp.state".*no majority.*"to":"BACKUP"/)
  const isNamed = ({ instances: [www] }: Status): boolean =>
    /^not claimed: 1 of 3 nodes are no majority/.test(www?.reason ?? '')
  await untilStatus(web2, 'why nobody holds', isNamed)
  assert.equal((await witness.viewSince(from)).twoMs, 0)
})
