import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { blockPort, dropAdverts, passAdverts, unblockPort } from '../../src/lab/faults.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, runOrThrow } from '../../src/lab/run.ts'
import { startWitness } from '../../src/lab/witness.ts'
import { configure, instance, VIP } from './support/config.ts'
import { ENTERED_MASTER, startKeepalived } from './support/keepalived.ts'
import { entered, logged, type Pair, startPair } from './support/pair.ts'

/** What ARP tells where adverts do not get through. Adverts ten times a second; ARP is announced each second. */

const OTHERS = ['client', 'witness']
/** A machine that is busy with other tests. */
const SLACK_MS = 300
/** One announcement, two intervals, one probe. */
const TWO_HOLDERS_MS = 1_000 + 200 + 60 + SLACK_MS

const watch = (pair: Pair) => startWitness(pair.host('witness'), [pair.web1.host, pair.web2.host], VIP)

const blockBoth = ({ web1, web2 }: Pair) => Promise.all([web1, web2].map(({ host }) => dropAdverts(host, ['in'])))

test('adverts blocked both ways: one holder all the time, also when it dies, and when they pass again', async () => {
  await using pair = await startPair({}, OTHERS)
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const witness = await watch(pair)
  const blocked = monotonicMs()
  await blockBoth(pair)
  await web2.engine().log.until(logged('lan.adverts-blocked'))
  assert.ok((await web2.status()).warnings.some(({ code }) => code === 'lan.adverts-blocked'))

  // The node that serves dies: nobody answers any more, and the probe of the next interval sees it.
  web1.engine().signal('SIGKILL')
  await web2.engine().log.until(entered('MASTER'))
  await client.servedBy('web2', monotonicMs())

  // The preferred node returns, hears nobody, and finds the address in use.
  await web1.startEngine().log.until(logged('lan.adverts-blocked'))
  // Whoever is to let go hears again first: what it cannot hear it cannot follow.
  await passAdverts(web2.host)
  const healed = monotonicMs()
  await passAdverts(web1.host)
  await web1.engine().log.until(entered('MASTER'))
  await client.servedSteadily(['web1'], healed, 5_000)
  const { longestTwoMs } = await witness.viewSince(blocked)
  assert.ok(longestTwoMs <= 30, `two holders for ${longestTwoMs} ms`)
  const { outageMs } = await client.viewSince(healed)
  assert.ok(outageMs <= 200, `no service for ${outageMs} ms after the heal`)
  await witness.stop()
})

test('both hold after a split, and adverts stay blocked: the lower one lets go within the bound', async () => {
  await using pair = await startPair({}, OTHERS)
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const witness = await watch(pair)
  await blockPort(pair.topology, web1.host)
  await web2.engine().log.until(entered('MASTER'))
  await blockBoth(pair)
  const seen = web2.engine().log.position()
  const joined = monotonicMs()
  await unblockPort(pair.topology, web1.host)
  await web2.engine().log.until(/"code":"lan.two-holders".*let go, web1 has the better right/, { after: seen })
  await witness.settled(['web1'], joined, TWO_HOLDERS_MS + 2_000)
  const { longestTwoMs } = await witness.viewSince(joined)
  assert.ok(longestTwoMs <= TWO_HOLDERS_MS, `two holders for ${longestTwoMs} ms`)
  await client.servedSteadily(['web1'], joined, 5_000)
  // It stays out, as long as the other one answers.
  await web2.engine().log.until(logged('lan.adverts-blocked'), { after: seen })
  const healed = monotonicMs()
  await Promise.all([web1, web2].map(({ host }) => passAdverts(host)))
  await web2.engine().log.until(logged('lan.adverts-back'), { after: seen })
  await client.servedSteadily(['web1'], healed, 5_000)
  const { outageMs } = await client.viewSince(healed)
  assert.ok(outageMs <= 200, `no service for ${outageMs} ms after the heal`)
  await witness.stop()
})

test('somebody else who claims the address is named, and the address defended', async () => {
  await using pair = await startPair({}, ['client', 'intruder'])
  const { web1 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const begun = monotonicMs()
  const program = join(import.meta.dirname, 'support/claim-address.ts')
  const claim = (count: string) =>
    runOrThrow(inNamespace(pair.host('intruder').namespace, [process.execPath, program, VIP, count, '300']))
  await claim('1')
  const line = await web1.engine().log.until(logged('lan.foreign-claim'))
  assert.match(String(line), /no node of this cluster, claims 192\.0\.2\.100 \(ours: [0-9a-f:]{17}\)/)
  await client.servedSteadily(['web1'], begun, 5_000)
  const once = await client.viewSince(begun)
  assert.ok(once.outageMs <= 200, `no service for ${once.outageMs} ms`)

  // Against somebody stubborn each claim is answered within a second.
  const again = monotonicMs()
  await claim('4')
  await client.servedSteadily(['web1'], monotonicMs(), 5_000)
  const stubborn = await client.viewSince(again)
  assert.ok(stubborn.outageMs <= 1_000 + 100 + SLACK_MS, `no service for ${stubborn.outageMs} ms`)
  const { warnings, instances } = await web1.status()
  assert.ok(
    warnings.some(({ code }) => code === 'lan.foreign-claim'),
    JSON.stringify(warnings),
  )
  assert.equal(instances[0]?.counters.foreign_claims_heard, 5)
})

test('a keepalived that dies without a word leaves its address behind: haup claims, and says that two may hold it', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: ['peer'] })
  const peer = lab.host('peer')
  const priority = { web1: 100, peer: 200 }
  const nodes = { peer: { address: peer.address, kind: 'keepalived' } }
  await configure(lab, { nodes, instances: { www: instance({ priority }) } })
  const options = { version: 3, vrid: 77, priority: 200, advertInterval: 0.1, address: VIP, preempt: true } as const
  const keepalived = await startKeepalived(peer, lab.directory, options)
  await keepalived.log.until(ENTERED_MASTER)
  const haup = lab.box('web1').startEngine()
  await haup.log.until(entered('BACKUP'))
  await keepalived.killSilently()
  await haup.log.until(/"to":"MASTER","cause":"master-down"/)
  await haup.log.until(/"code":"lan.two-holders".*peer .* still answers for 192\.0\.2\.100/)
})

test('another cluster with our VRID is named, whatever else it does differently', async () => {
  await using pair = await startPair({}, ['client', 'intruder'])
  const intruder = pair.host('intruder')
  const others = {
    version: 2,
    vrid: 77,
    priority: 200,
    advertInterval: 1,
    address: '192.0.2.200',
    preempt: true,
  } as const
  const keepalived = await startKeepalived(intruder, pair.directory, others)
  await keepalived.log.until(ENTERED_MASTER)
  const line = await pair.web1.engine().log.until(logged('vrrp.stranger'))
  assert.match(String(line), new RegExp(`VRID 77 is used by ${intruder.address}, which is no node`))
  const { warnings, instances } = await pair.web1.status()
  assert.ok(
    warnings.some(({ code }) => code === 'vrrp.stranger'),
    JSON.stringify(warnings),
  )
  assert.equal(instances[0]?.state, 'MASTER')
})
