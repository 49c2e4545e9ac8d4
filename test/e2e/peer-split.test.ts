import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { startProcess } from '../../src/lab/process.ts'
import { healSplit, splitHosts } from './support/lines.ts'
import { entered, logged } from './support/pair.ts'
import { SILENT_MS, startPeers, statusOf, untilMet } from './support/peers.ts'

/** Nothing passes between the boxes on the LAN, while clients reach both. */

const LASTS_MS = 6_000
const LIMIT_MS = 15_000

test('a second line: the LAN between the boxes is cut, and one holds all the time', async (context) => {
  await using peers = await startPeers({ secondLine: true })
  const { web1, web2, witness, client, topology } = peers
  const from = monotonicMs()
  await splitHosts(topology, [web1.host], [web2.host])
  const told = await web2.engine().log.until(logged('peer.lan-silent'))
  assert.match(told, /nothing of it arrives by the LAN: check the switch port, VLAN and cable of both boxes/)
  await delay(LASTS_MS)
  const status = await statusOf(web2)
  const [lan, path1] = status.peers[0]?.paths ?? assert.fail('no peer')
  assert.ok((lan?.heard_seconds_ago ?? 0) > 5 && (path1?.heard_seconds_ago ?? 9) < 1, JSON.stringify(status.peers))
  await healSplit(topology)
  await web2.engine().log.until(logged('peer.adverts-back'))
  const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
  context.diagnostic(JSON.stringify({ ...held, held: undefined, served }))
  assert.deepEqual([held.twoMs, held.noneMs, served.lost, served.path], [0, 0, 0, ['web1']])
})

/** The store is not a node, and neither side of the split loses it. */
const startStore = async (lab: Lab): Promise<void> => {
  const { namespace, address } = lab.host('store')
  const program = join(import.meta.dirname, 'support/lease-store.ts')
  const argv = [process.execPath, program, address]
  await startProcess({ name: 'store', namespace, argv, logFile: join(lab.directory, 'store.log') }).log.until(/http/)
}

const LEASE = { http: 'http://192.0.2.15:8112/leases', ttl: '2s' }

test('an arbiter, no second line: one holds all the time; it dies in the split, and the other one gets the lease', async (context) => {
  await using peers = await startPeers({
    others: ['store'],
    prepare: startStore,
    document: { witness: [{ name: 'store', lease: LEASE, timeout: '500ms' }] },
  })
  const { web1, web2, witness, client, topology } = peers
  const seen = web1.engine().log.position()
  const from = monotonicMs()
  await splitHosts(topology, [web1.host], [web2.host])
  assert.match(await web2.engine().log.until(logged('peer.claim-waits')), /the arbiter has not given its lease/)
  await delay(LASTS_MS)
  const [held, served] = [await witness.viewSince(from), await client.viewSince(from)]
  context.diagnostic(`split: ${JSON.stringify({ ...held, held: undefined, served })}`)
  assert.deepEqual([held.twoMs, Object.keys(held.held)], [0, ['web1']])
  assert.equal(held.noneMs, 0, web1.engine().log.lines().slice(seen).join('\n'))

  const died = monotonicMs()
  web1.engine().signal('SIGKILL')
  const taken = await witness.settled(['web2'], died, LIMIT_MS)
  context.diagnostic(`the holder died in the split: the other one holds after ${Math.round(taken - died)} ms`)
  assert.ok(taken - died < 4_000, `${taken - died} ms`)
  assert.equal((await witness.viewSince(from)).twoMs, 0)
})

test('neither: both hold, as with VRRP alone; the heal names it, one lets go at once and the client is served', async (context) => {
  await using peers = await startPeers()
  const { web1, web2, witness, client, topology } = peers
  const from = monotonicMs()
  await splitHosts(topology, [web1.host], [web2.host])
  const taken = await witness.settled(['web1', 'web2'], from, LIMIT_MS)
  context.diagnostic(`split: two hold after ${Math.round(taken - from)} ms`)
  assert.ok(taken - from < SILENT_MS + 200, `${taken - from} ms`)
  const seen = web2.engine().log.position()
  const healed = monotonicMs()
  await healSplit(topology)
  await web2.engine().log.until(entered('BACKUP'), { after: seen })
  await witness.settled(['web1'], healed, LIMIT_MS)
  const [held, served] = [await witness.viewSince(healed), await client.viewSince(healed)]
  context.diagnostic(`healed: ${JSON.stringify({ ...held, held: undefined, served })}`)
  assert.ok(held.twoMs < 500, JSON.stringify(held))
  assert.ok(served.outageMs < 200, JSON.stringify(served))
  // Whichever comes first tells of it: an advert, a report, or ARP.
  assert.match(
    [...web1.engine().log.lines(), ...web2.engine().log.lines()].join('\n'),
    /"code":"(peer\.two-holders|lan\.two-holders|vrrp\.lower-master-heard)"/,
  )
  await untilMet([web1, web2])
})
