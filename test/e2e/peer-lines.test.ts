import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { inNamespace, ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { configure, instance } from './support/config.ts'
import { addSecondLine, secondAddress } from './support/lines.ts'
import { entered, heardAdverts, untilHolders } from './support/pair.ts'
import { configurePeer, newKey, reload, startPeers, statusOf, untilStatus, writeKey } from './support/peers.ts'

/** Which of a box's addresses adverts come from, and what becomes of one that changes. */

const SECOND_VIP = '198.51.100.100'
const messagesOf = async (box: Box): Promise<string> =>
  (await statusOf(box)).warnings.map(({ message }) => message).join()

test('an instance on the second line, boxes that check where packets come from: adverts have an address of that line', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  await addSecondLine(
    lab.topology,
    lab.boxes.map(({ host }) => host),
  )
  const key = newKey()
  const settings = { interface: 'eth1', virtual_addresses: [`${SECOND_VIP}/24`] }
  for (const box of lab.boxes) {
    for (const name of ['all', 'eth1']) {
      await runOrThrow(inNamespace(box.host.namespace, ['sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=1`]))
    }
    await writeKey(box, key)
    await configurePeer(lab, box, { secondLine: true, instance: settings })
    const check = await box.haup('config', 'check', box.configFile, '--node', box.name)
    assert.match(check.stdout, /valid, no problems/)
  }
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  await web1.startEngine().log.until(entered('MASTER'))
  await web2.startEngine().log.until(entered('BACKUP'))
  await heardAdverts(web2, 3)
  await untilHolders(lab, ['web1'], SECOND_VIP)
  const { instances, warnings } = await statusOf(web2)
  assert.deepEqual(warnings, [])
  assert.deepEqual(
    [instances[0]?.last_heard?.address, instances[0]?.last_heard?.node],
    [secondAddress(web1.host), 'web1'],
  )
  const moved = await web1.haup('failover', '--run-dir', web1.runDir)
  assert.equal(moved.code, 0, moved.stdout + moved.stderr)
  await untilHolders(lab, ['web2'], SECOND_VIP)
  assert.equal(await messagesOf(web1), '')
})

test('the same without a channel: what the interface has, and a file without paths is checked exactly', async () => {
  await using lab = await buildLab({ boxes: ['web1', 'web2'], others: [] })
  await addSecondLine(
    lab.topology,
    lab.boxes.map(({ host }) => host),
  )
  const settings = instance({ interface: 'eth1', virtual_addresses: [`${SECOND_VIP}/24`], track: [] })
  await configure(lab, { instances: { www: settings } })
  const [web1, web2] = [lab.box('web1'), lab.box('web2')]
  const check = await web1.haup('config', 'check', web1.configFile, '--node', 'web1')
  assert.match(check.stdout, /192\.0\.2\.11 is on eth0, not on eth1: boxes with rp_filter=1 drop adverts from it/)
  assert.doesNotMatch(check.stdout, /outside the subnet/)
  await web1.startEngine().log.until(entered('MASTER'))
  await web2.startEngine().log.until(entered('BACKUP'))
  await heardAdverts(web2, 3)
  assert.equal((await statusOf(web2)).instances[0]?.last_heard?.address, secondAddress(web1.host))
})

test('a box gets another address: FAULT says what to do, and after reloads nobody speaks of the old one', async () => {
  await using peers = await startPeers()
  const { web1, web2 } = peers
  const before = web1.host.address
  const after = '192.0.2.31'
  await ipBatch(web1.host.namespace, [
    `addr add ${after}/24 dev ${INTERFACE}`,
    `addr del ${before}/24 dev ${INTERFACE}`,
  ])
  await untilHolders(peers, ['web2'])
  const fault = (await statusOf(web1)).instances[0]?.reason ?? ''
  assert.match(fault, /192\.0\.2\.11, which adverts come from, is on no interface, eth0 has 192\.0\.2\.31/)
  assert.match(fault, /write that under "nodes" on all nodes, then "haup reload"/)
  const document = { nodes: { web1: { address: after }, web2: { address: web2.host.address } } }
  for (const box of [web1, web2]) await configurePeer(peers, box, { document })
  for (const box of [web2, web1]) await reload(box)
  await untilHolders(peers, ['web1']).catch(() => untilHolders(peers, ['web1']))
  for (const box of [web1, web2]) await untilStatus(box, 'no warning', ({ warnings }) => warnings.length === 0)
  const { instances, warnings } = await statusOf(web2)
  assert.deepEqual([instances[0]?.last_heard?.address, instances[0]?.last_heard?.node, warnings], [after, 'web1', []])
})
