import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { moveBack, moveToBridge } from './support/bridge.ts'
import { configure, VIP } from './support/config.ts'
import { entered, logged, startPair, untilHolders } from './support/pair.ts'
import { configurePeer, newKey, startPeers, statusOf, untilMet, untilStatus, writeKey } from './support/peers.ts'
import { farAddress, moveBehindRouter } from './support/routed.ts'

/** A box whose own address is not where its instance needs it. */

const LIMIT_MS = 15_000
const MISPLACED = /192\.0\.2\.11 is on br0, not on eth0, which is a port of br0/

const reasonOf = async (box: Box): Promise<string> => (await statusOf(box)).instances[0]?.reason ?? ''
const codesOf = async (box: Box): Promise<readonly string[]> => (await statusOf(box)).warnings.map(({ code }) => code)

test('the interface of the holder becomes a port of a bridge: the other box serves, until it is undone', async (context) => {
  await using peers = await startPeers()
  const { web1, witness, client } = peers
  const from = monotonicMs()
  await moveToBridge(web1.host)
  const taken = await witness.settled(['web2'], from, LIMIT_MS)
  await client.servedSteadily(['web2'], taken, LIMIT_MS)
  const { outageMs } = await client.viewSince(from)
  context.diagnostic(`the other one holds after ${Math.round(taken - from)} ms, outage ${outageMs} ms`)
  assert.ok(outageMs < 500, `${outageMs} ms`)
  assert.equal((await statusOf(web1)).instances[0]?.state, 'FAULT')
  assert.match(await reasonOf(web1), MISPLACED)
  assert.ok((await codesOf(web1)).includes('place.misplaced'))

  const undone = monotonicMs()
  await moveBack(web1.host)
  await witness.settled(['web1'], undone, LIMIT_MS)
  await client.servedSteadily(['web1'], undone, LIMIT_MS)
  assert.deepEqual(await codesOf(web1), [])
})

test('the last box that can serve does so from a bridge, too, and warns', async () => {
  await using peers = await startPeers()
  const { web1, web2, client } = peers
  await web2.engine().stop()
  await untilStatus(web1, 'the other one has left', (status) => status.peers[0]?.life === 'left')
  await moveToBridge(web1.host)
  await web1.engine().log.until(logged('place.misplaced'))
  await client.servedSteadily(['web1'], monotonicMs(), LIMIT_MS)
  const { instances, warnings } = await statusOf(web1)
  assert.equal(instances[0]?.state, 'MASTER')
  assert.match(warnings.map(({ message }) => message).join(), MISPLACED)
  // The other one is there again, and the better choice.
  const started = monotonicMs()
  web2.startEngine()
  await client.servedSteadily(['web2'], started, LIMIT_MS)
  await untilStatus(web1, 'it says why', ({ instances: [www], warnings: warned }) =>
    MISPLACED.test([www?.reason, ...(www?.faults ?? []), ...warned.map(({ message }) => message)].join()),
  )
})

test('without a channel a box on a bridge is in FAULT, from the start and while it runs', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  await configure(lab, { instance: { interface: INTERFACE } })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await moveToBridge(web1.host)
  web1.startEngine()
  await web2.startEngine().log.until(entered('MASTER'))
  await untilHolders(lab, ['web2'])
  assert.equal((await statusOf(web1)).instances[0]?.state, 'FAULT')
  assert.match(await reasonOf(web1), MISPLACED)
  const seen = web1.engine().log.position()
  await moveBack(web1.host)
  await web1.engine().log.until(entered('MASTER'), { after: seen })
  await untilHolders(lab, ['web1'])
  await moveToBridge(web1.host)
  await untilHolders(lab, ['web2'])
  assert.match(await reasonOf(web1), MISPLACED)
})

test('a master that another master does not hear warns of it', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  // Neither adverts nor ARP of web1 arrive: web2 claims beside it, and web1 hears that.
  const table = `table netdev haup_lab_deaf { chain in { type filter hook ingress device ${INTERFACE} priority 0; policy drop; }; }`
  await runOrThrow(inNamespace(web2.host.namespace, ['nft', '-f', '-']), { input: table })
  await web1.engine().log.until(logged('lan.two-masters'))
  const { state } = (await statusOf(web1)).instances[0] ?? assert.fail('no instance')
  assert.equal(state, 'MASTER')
  const message = (await statusOf(web1)).warnings.map((each) => each.message).join()
  assert.match(message, /web2 \(192\.0\.2\.12\) goes on advertising as master with priority 100/)
  await runOrThrow(inNamespace(web2.host.namespace, ['nft', 'delete', 'table', 'netdev', 'haup_lab_deaf']))
  await untilHolders(pair, ['web1'])
  await untilStatus(web1, 'nothing to warn of', ({ warnings }) => warnings.length === 0)
})

test('a box behind a router, whose LAN cannot carry the address, leaves it to the other; both say why', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: ['router', 'client'] })
  // The preferred box is the one in the wrong place.
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await moveBehindRouter(lab.topology, web1.host, lab.host('router'), web2.host)
  const key = newKey()
  const nodes = { web1: { address: farAddress(web1.host) }, web2: { address: web2.host.address } }
  // It is started last: alone it would hold, and the route that comes with the address would hide the other box from it.
  for (const box of [web2, web1]) {
    await writeKey(box, key)
    await configurePeer(lab, box, { document: { nodes } })
    await box.startEngine().log.until(entered('BACKUP'))
  }
  await untilMet(lab.boxes)
  const client = lab.startClient(VIP)
  await client.servedSteadily(['web2'], monotonicMs(), LIMIT_MS)
  await untilHolders(lab, ['web2'])
  assert.equal((await statusOf(web1)).instances[0]?.state, 'FAULT')
  assert.match(await reasonOf(web1), /web2 .* is not on the LAN of eth0 .* 192\.0\.2\.100\/24 does not belong to it/)
  const { warnings } = await statusOf(web2)
  assert.match(
    warnings.map(({ message }) => message).join(),
    /web1 .* is not on the LAN of eth0 .*do not cross a router/,
  )
})
