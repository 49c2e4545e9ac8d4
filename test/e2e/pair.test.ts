import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { entered, heardAdverts, startPair, untilHolders } from './support/pair.ts'

test('the preferred node holds the address, gives it up when it stops, takes it back when it returns', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await untilHolders(pair, ['web1'])

  const stopped = monotonicMs()
  assert.deepEqual(await web1.engine().stop(), { code: 0, signal: undefined })
  await web2.engine().log.until(entered('MASTER'))
  await client.servedBy('web2', stopped)
  await untilHolders(pair, ['web2'])
  const move = await client.viewSince(stopped)
  assert.ok(move.outageMs < 300, `moved within 300 ms: ${JSON.stringify(move)}`)

  const returned = monotonicMs()
  const seen = web2.engine().log.position()
  web1.startEngine()
  await web1.engine().log.until(entered('MASTER'))
  await web2.engine().log.until(entered('BACKUP'), { after: seen })
  await client.servedBy('web1', returned)
  await untilHolders(pair, ['web1'])
  const back = await client.viewSince(returned)
  assert.ok(back.outageMs < 300, `came back within 300 ms: ${JSON.stringify(back)}`)
})

test('without preemption the address stays where it went', async () => {
  await using pair = await startPair({ instance: { preempt: false } })
  const { web1, web2 } = pair
  await web1.engine().stop()
  await web2.engine().log.until(entered('MASTER'))
  web1.startEngine()
  await web1.engine().log.until(entered('BACKUP'))
  await heardAdverts(web1, 10)
  await untilHolders(pair, ['web2'])
  assert.equal(web1.engine().log.count(entered('MASTER')), 0)
})

test('a master that is silent without a word is replaced after Master_Down_Interval', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const killed = monotonicMs()
  web1.engine().signal('SIGKILL')
  await web2.engine().log.until(/"to":"MASTER","cause":"master-down"/)
  const first = await client.servedBy('web2', killed)
  // 3 adverts of 100 ms and the skew of priority 100, and what the machine adds.
  assert.ok(first.start - killed < 1_500, `taken over after ${first.start - killed} ms`)
})
