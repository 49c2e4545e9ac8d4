import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { startCapture } from './support/capture.ts'
import { VIP } from './support/config.ts'
import { entered, holders, logged, startPair, untilHolders } from './support/pair.ts'
import { readWitness, watchPriorityZero } from './support/priority-zero-witness.ts'

test('a stopping engine removes the address first and sends priority 0 then', async () => {
  await using pair = await startPair()
  const wire = await startCapture(pair.host('client'), pair.directory)
  await watchPriorityZero(pair.web1.host, VIP)
  await pair.web1.engine().stop()
  await wire.log.until(/192\.0\.2\.11 > .*vrid 77, prio 0/)
  assert.deepEqual(await readWitness(pair.web1.host), { held: 0, released: 1 })
  await pair.web2.engine().log.until(/"to":"MASTER","cause":"master-released"/)
  await untilHolders(pair, ['web2'])
})

test('the witness can tell: priority 0 sent while the address is held counts as held', async () => {
  await using pair = await startPair()
  await watchPriorityZero(pair.web1.host, VIP)
  await runOrThrow(['ip', '-n', pair.web1.host.namespace, 'addr', 'add', `${VIP}/32`, 'dev', 'lo'])
  await pair.web1.engine().stop()
  assert.deepEqual(await readWitness(pair.web1.host), { held: 1, released: 0 })
})

test('an address left behind by a killed engine is removed at the next start', async () => {
  // The kernel takes it away by itself after three seconds, and starting takes a slow machine two.
  await using pair = await startPair({ instance: { advert_interval: '260ms' } })
  const { web1, web2 } = pair
  await untilHolders(pair, ['web1'])
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  await web2.engine().log.until(entered('MASTER'))
  const taken = web2.engine().log.position()
  assert.deepEqual(
    await holders(pair),
    ['web1', 'web2'],
    'kill -9 leaves the address bound: what the next start is for',
  )
  web1.startEngine()
  assert.match(await web1.engine().log.until(logged('vip.left-over')), new RegExp(VIP))
  await web1.engine().log.until(entered('MASTER'))
  await web2.engine().log.until(entered('BACKUP'), { after: taken })
  await untilHolders(pair, ['web1'])
})

test("an address that is not haup's is left alone at the start", async () => {
  await using pair = await startPair()
  const { web2 } = pair
  await web2.engine().stop()
  await runOrThrow(['ip', '-n', web2.host.namespace, 'addr', 'add', '192.0.2.200/32', 'dev', INTERFACE])
  web2.startEngine()
  await web2.engine().log.until(entered('BACKUP'))
  assert.deepEqual(await holders(pair, '192.0.2.200'), ['web2'])
})
