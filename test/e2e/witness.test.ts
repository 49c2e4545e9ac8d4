import assert from 'node:assert/strict'
import { test } from 'node:test'
import { darkenPort, lightPort } from '../../src/lab/faults.ts'
import { buildLab, type Lab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { type Host, INTERFACE } from '../../src/lab/topology.ts'
import { startWitness } from '../../src/lab/witness.ts'
import { VIP } from './support/config.ts'

/** No engine here: addresses are set by hand, so that the truth is known. */

const LIMIT_MS = 5_000

test('two boxes that both hold the address are seen as two holders for as long as they do', async () => {
  await using lab = await bareLab()
  const witness = await startWitness(lab.host('witness'), lab.topology.hosts.slice(0, 2), VIP)
  const start = monotonicMs()
  await witness.settled([], start, LIMIT_MS)
  await bind(lab.host('web1'))
  await witness.settled(['web1'], start, LIMIT_MS)
  const begun = monotonicMs()
  await bind(lab.host('web2'))
  await witness.settled(['web1', 'web2'], start, LIMIT_MS)
  await unbind(lab.host('web1'))
  const ended = monotonicMs()
  await witness.settled(['web2'], start, LIMIT_MS)

  const view = await witness.viewSince(start)
  assert.ok(view.twoMs > 250 && view.twoMs <= ended - begun + 20, JSON.stringify({ view, took: ended - begun }))
  assert.equal(view.longestTwoMs, view.twoMs)
  assert.ok(view.noneMs > 250 && view.noneMs < begun - start, JSON.stringify(view))
  assert.ok(!witness.sightings.some(({ arp, accepts }) => arp.join() === '' && accepts.join() !== ''))
  const sawBoth = witness.sightings.filter(({ arp, accepts }) => arp.length === 2 && accepts.length === 2)
  assert.ok(sawBoth.length > 0, 'by ARP and by connections')
  await witness.stop()
})

test("the kernel's word about the address and what the LAN sees agree", async () => {
  await using lab = await bareLab()
  const witness = await startWitness(lab.host('witness'), lab.topology.hosts.slice(0, 2), VIP)
  const start = monotonicMs()
  await bind(lab.host('web2'))
  await witness.settled(['web2'], start, LIMIT_MS)
  await unbind(lab.host('web2'))
  await witness.settled([], monotonicMs(), LIMIT_MS)
  const seen = (await witness.viewSince(start)).held.web2?.[0] ?? assert.fail('web2 was never seen')
  const [added, removed] = witness.addressChanges.web2 ?? []
  assert.deepEqual([added?.has, removed?.has], [true, false])
  for (const [told, looked] of [
    [added?.at, seen.from],
    [removed?.at, seen.to],
  ]) {
    assert.ok(Math.abs((told ?? 0) - (looked ?? 0)) < 60, JSON.stringify({ told, looked }))
  }
  await witness.stop()
})

test('each way of holding is seen for itself: ARP without a server, connections without ARP', async () => {
  await using lab = await bareLab()
  const [web1, web2] = [lab.host('web1'), lab.host('web2')]
  const witness = await startWitness(lab.host('witness'), [web1, web2], VIP)
  const start = monotonicMs()
  const silent = 'table arp quiet { chain in { type filter hook input priority 0; arp operation request drop; }; };'
  await runOrThrow(inNamespace(web2.namespace, ['nft', '-f', '-']), { input: silent })
  await lab.box('web1').nginx.signal('SIGKILL')
  await bind(web1)
  await bind(web2)
  await witness.settled(['web1', 'web2'], start, LIMIT_MS)
  const { arp, accepts } = witness.sightings.at(-1) ?? assert.fail('nothing seen')
  assert.deepEqual({ arp, accepts }, { arp: ['web1'], accepts: ['web2'] })
  await witness.stop()
})

test('a box that the LAN cannot reach is no holder, whatever it has bound', async () => {
  await using lab = await bareLab()
  const web1 = lab.host('web1')
  const witness = await startWitness(lab.host('witness'), [web1], VIP)
  await bind(web1)
  await witness.settled(['web1'], 0, LIMIT_MS)
  await darkenPort(lab.topology, web1)
  await witness.settled([], monotonicMs(), LIMIT_MS)
  await lightPort(lab.topology, web1)
  await witness.settled(['web1'], monotonicMs(), LIMIT_MS)
  await witness.stop()
})

test('a station that is no box is named by its hardware address', async () => {
  await using lab = await bareLab()
  const witness = await startWitness(lab.host('witness'), [lab.host('web1')], VIP)
  await bind(lab.host('web2'))
  const foreign = await runOrThrow([
    'ip',
    'netns',
    'exec',
    lab.host('web2').namespace,
    'cat',
    '/sys/class/net/eth0/address',
  ])
  await witness.settled([foreign.trim()], 0, LIMIT_MS)
  await witness.stop()
})

const bareLab = (): Promise<Lab> => buildLab({ boxes: ['web1', 'web2'], others: ['witness'] })
const bind = ({ namespace }: Host) => ipBatch(namespace, [`addr add ${VIP}/32 dev ${INTERFACE}`])
const unbind = ({ namespace }: Host) => ipBatch(namespace, [`addr del ${VIP}/32 dev ${INTERFACE}`])
