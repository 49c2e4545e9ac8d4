import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { inNamespace, ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { VIP } from './support/config.ts'
import { logged } from './support/pair.ts'
import { type Peers, type PeersOptions, startPeers, statusOf } from './support/peers.ts'

/** The virtual address is a static address of the boxes already: one of them serves, and all keep it when haup ends. */

const LIMIT_MS = 15_000

/** Of a kind of its own in everything that can be given back wrongly. */
const STATIC = `addr add ${VIP}/25 dev ${INTERFACE} label ${INTERFACE}:web noprefixroute`

/** `before`: how the kernel shows the interface of the first box before haup runs. */
async function startStatic(options: PeersOptions = {}): Promise<Peers & { readonly before: string }> {
  let before = ''
  const peers = await startPeers({
    ...options,
    prepare: async ({ boxes }) => {
      for (const { host } of boxes) await ipBatch(host.namespace, [STATIC])
      for (const box of boxes.slice(0, 1)) before = await shown(box)
    },
  })
  return { ...peers, before }
}

const CLOSED = /(inet|arp) haup\n/

const shown = ({ host }: Box): Promise<string> =>
  runOrThrow(['ip', '-n', host.namespace, '-d', 'addr', 'show', 'dev', INTERFACE])
const tables = ({ host }: Box): Promise<string> => runOrThrow(inNamespace(host.namespace, ['nft', 'list', 'tables']))
const codesOf = async (box: Box): Promise<readonly string[]> => (await statusOf(box)).warnings.map(({ code }) => code)

test('one box serves with it and the other is closed; each move is as with an address of our own', async () => {
  await using peers = await startStatic()
  const { web1, web2, witness, client, before } = peers
  assert.deepEqual(await codesOf(web1), ['vip.stranger'])
  assert.deepEqual(await codesOf(web2), ['vip.stranger'])
  assert.equal((await statusOf(web1)).instances[0]?.addresses[0]?.bound, true)
  const check = await web1.haup('config', 'check', web1.configFile, '--node', 'web1')
  assert.equal(check.code, 0)
  assert.match(check.stdout, /192\.0\.2\.100\/25 is on eth0 already, and was not set by haup/)

  const from = monotonicMs()
  assert.equal((await web1.haup('failover', '--run-dir', web1.runDir)).code, 0)
  await witness.settled(['web2'], from, LIMIT_MS)
  await client.servedSteadily(['web2'], from, LIMIT_MS)
  assert.equal((await web1.haup('failover', '--back', '--run-dir', web1.runDir)).code, 0)
  const back = await witness.settled(['web1'], monotonicMs(), LIMIT_MS)
  await client.servedSteadily(['web1'], back, LIMIT_MS)
  const moved = await client.viewSince(from)
  assert.equal(moved.lost, 0, JSON.stringify(moved))
  const killed = monotonicMs()
  web1.engine().signal('SIGKILL')
  await witness.settled(['web2'], killed, LIMIT_MS)
  const { twoMs } = await witness.viewSince(from)
  assert.equal(twoMs, 0)
  assert.equal(await shown(web1), before, 'nothing was changed')
})

test('after a stop, and after a crash, the box has it as before, and closed; "haup cleanup --open" opens it', async () => {
  await using peers = await startStatic()
  const { web1, web2, witness, client, before } = peers
  const from = monotonicMs()
  await web1.engine().stop()
  await web1.engine().log.until(logged('vip.stays'))
  await witness.settled(['web2'], from, LIMIT_MS)
  assert.equal(await shown(web1), before)
  // As systemd does after each end.
  const kept = await web1.haup('cleanup')
  assert.equal(kept.stdout, `${VIP}/25 stays on ${INTERFACE}, closed: "haup cleanup --open" opens it\n`)
  await client.servedSteadily(['web2'], from, LIMIT_MS)

  web2.engine().signal('SIGKILL')
  await web2.engine().exited
  assert.equal((await web2.haup('cleanup')).code, 0)
  assert.match(await tables(web2), CLOSED)
  assert.equal((await web2.haup('cleanup', '--open')).code, 0)
  assert.doesNotMatch(await tables(web2), CLOSED)
  await client.servedSteadily(['web2'], monotonicMs(), LIMIT_MS)
  const released = await web1.haup('release', '--yes', '--json', '--config', web1.configFile, '--run-dir', web1.runDir)
  assert.equal(JSON.parse(released.stdout).gate, 'closed', released.stdout)
  assert.match(await tables(web1), CLOSED)
  assert.equal((await web1.haup('cleanup', '--open')).code, 0)
  assert.doesNotMatch(await tables(web1), CLOSED)
  assert.equal(await shown(web1), before)
})

test('without a gate it is taken away from who does not hold it, and given back as it was, also after a crash', async () => {
  await using peers = await startStatic({ instance: { gate: 'off' } })
  const { web1, web2, witness, before } = peers
  assert.match(before, /192\.0\.2\.100\/25 .*eth0:web/)
  assert.doesNotMatch(await shown(web2), new RegExp(VIP))
  const from = monotonicMs()
  assert.equal((await web1.haup('failover', '--run-dir', web1.runDir)).code, 0)
  await witness.settled(['web2'], from, LIMIT_MS)
  assert.doesNotMatch(await shown(web1), new RegExp(VIP))
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  assert.equal((await web1.haup('cleanup')).code, 0)
  assert.equal(await shown(web1), before)
  await web2.engine().stop()
  assert.match(await shown(web2), /192\.0\.2\.100\/25 .*eth0:web/)
})

test('who removes it while the box holds: haup sets its own', async () => {
  await using peers = await startStatic()
  const { web1, witness, client } = peers
  const from = monotonicMs()
  await ipBatch(web1.host.namespace, [`addr del ${VIP}/25 dev ${INTERFACE}`])
  await web1.engine().log.until(logged('vip.restored'))
  await client.servedSteadily(['web1'], from, LIMIT_MS)
  assert.deepEqual(await codesOf(web1), [])
  await web1.engine().stop()
  await witness.settled(['web2'], from, LIMIT_MS)
  assert.doesNotMatch(await shown(web1), new RegExp(VIP))
})
