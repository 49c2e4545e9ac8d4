import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bringInterfaceUp, takeInterfaceDown } from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { VIP } from './support/config.ts'
import { entered, logged, type Pair, startPair, untilHolders } from './support/pair.ts'

const ip = ({ web1 }: Pair, ...args: readonly string[]) => runOrThrow(['ip', '-n', web1.host.namespace, ...args])
const repairs = async ({ web1 }: Pair) => (await web1.status()).instances[0]?.counters.repairs

test('a virtual address that is deleted is back within milliseconds; nobody else claims it', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const removed = monotonicMs()
  await ip(pair, 'addr', 'del', `${VIP}/24`, 'dev', INTERFACE)
  const said = await web1.engine().log.until(logged('vip.lost'))
  assert.match(said, new RegExp(`somebody took ${VIP}/24 on ${INTERFACE} away`))
  await web1.engine().log.until(logged('vip.restored'))
  const took = monotonicMs() - removed
  await web1.engine().log.until(logged('vip.lost-by'))
  await untilHolders(pair, ['web1'])
  const view = await client.viewSince(removed)
  assert.ok(took < 250, `put back after ${took} ms, with the time that ip itself took`)
  assert.ok(view.outageMs < 250, JSON.stringify(view))
  assert.equal(web2.engine().log.count(entered('MASTER')), 0)
  assert.equal(await repairs(pair), 1)
  assert.deepEqual((await web1.status()).warnings, [])
})

test('somebody who removes it all the time: restored more slowly, and the status says so', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  for (let round = 1; round <= 6; round += 1) {
    const seen = web1.engine().log.position()
    await untilHolders(pair, ['web1'])
    await ip(pair, 'addr', 'del', `${VIP}/24`, 'dev', INTERFACE)
    if (round <= 5) await web1.engine().log.until(logged('vip.restored'), { after: seen })
  }
  await web1.engine().log.until(logged('vip.lost-often'))
  assert.deepEqual(
    (await web1.status()).warnings.map(({ code }) => code),
    ['vip.lost-often'],
  )
  await untilHolders(pair, ['web1'])
  assert.equal(web2.engine().log.count(entered('MASTER')), 0)
})

test('an address replaced without its mark is taken back, and goes with the next failover', async () => {
  await using pair = await startPair()
  const { web1 } = pair
  await ip(pair, 'addr', 'replace', `${VIP}/24`, 'dev', INTERFACE)
  await web1.engine().log.until(logged('vip.restored'))
  assert.equal((await web1.haup('failover', '--run-dir', web1.runDir)).code, 0)
  await untilHolders(pair, ['web2'])
})

test('a flushed interface: the node has nothing to speak from, lets go, and returns with its address', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const flushed = monotonicMs()
  await ip(pair, 'addr', 'flush', 'dev', INTERFACE)
  await web2.engine().log.until(/"to":"MASTER","cause":"master-released"/)
  await client.servedBy('web2', flushed)
  await untilHolders(pair, ['web2'])
  assert.match((await web1.status()).instances[0]?.faults.join() ?? '', /which adverts come from, is on no interface/)
  const view = await client.viewSince(flushed)
  assert.ok(view.outageMs < 300, JSON.stringify(view))
  await ip(pair, 'addr', 'add', `${web1.host.address}/24`, 'dev', INTERFACE)
  await web1.engine().log.until(/"from":"BACKUP","to":"MASTER"/, { after: web1.engine().log.position() })
  await untilHolders(pair, ['web1'])
})

test('an interface that goes down and up again: out and back, no repair', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const seen = web1.engine().log.position()
  await takeInterfaceDown(web1.host)
  await web2.engine().log.until(entered('MASTER'))
  await bringInterfaceUp(web1.host)
  await web1.engine().log.until(entered('MASTER'), { after: seen })
  await untilHolders(pair, ['web1'])
  assert.equal(await repairs(pair), 0)
})

test('a virtual address that somebody sets on the backup is a warning, and is never removed', async () => {
  await using pair = await startPair()
  const { web2 } = pair
  await runOrThrow(['ip', '-n', web2.host.namespace, 'addr', 'add', `${VIP}/32`, 'dev', INTERFACE])
  await web2.engine().log.until(logged('vip.stranger'))
  assert.match(JSON.stringify((await web2.status()).warnings), /is not haup's/)
  await untilHolders(pair, ['web1', 'web2'])
  await runOrThrow(['ip', '-n', web2.host.namespace, 'addr', 'del', `${VIP}/32`, 'dev', INTERFACE])
  await web2.engine().log.until(logged('vip.stranger-gone'))
  assert.deepEqual((await web2.status()).warnings, [])
})
