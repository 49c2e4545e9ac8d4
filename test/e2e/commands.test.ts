import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import type { Box } from '../../src/lab/box.ts'
import { buildLab } from '../../src/lab/lab.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { entered, heardAdverts, logged, startPair, untilHolders } from './support/pair.ts'

test('without an engine status and failover say so and exit with 4', async () => {
  await using lab = await buildLab({ boxes: ['web1'], others: [] })
  const web1 = lab.box('web1')
  for (const command of ['status', 'failover']) {
    const plain = await web1.haup(command, '--run-dir', web1.runDir)
    assert.equal(plain.code, 4, command)
    assert.equal(plain.stdout, '')
    const json = await web1.haup(command, '--json', '--run-dir', web1.runDir)
    assert.equal(json.code, 4, command)
    assert.equal(errorSchema.parse(JSON.parse(json.stdout)).error.code, 'engine.not-running')
  }
})

test('a killed engine is "not running", never its last state', async () => {
  await using pair = await startPair()
  const { web1 } = pair
  assert.equal((await web1.haup('status', '--run-dir', web1.runDir)).code, 0)
  web1.engine().signal('SIGKILL')
  await web1.engine().exited
  const after = await web1.haup('status', '--run-dir', web1.runDir)
  assert.equal(after.code, 4)
  assert.doesNotMatch(after.stdout, /MASTER/)
})

test('both boxes tell the same story', async () => {
  await using pair = await startPair()
  await heardAdverts(pair.web2, 1)
  const [first, second] = await Promise.all([pair.web1.status(), pair.web2.status()])
  const [master, backup] = [first.instances[0], second.instances[0]]
  assert.deepEqual([master?.state, backup?.state], ['MASTER', 'BACKUP'])
  assert.deepEqual([master?.addresses[0]?.bound, backup?.addresses[0]?.bound], [true, false])
  assert.deepEqual([backup?.last_heard?.node, backup?.last_heard?.priority], ['web1', 150])
  assert.deepEqual([first.services[0]?.state, second.services[0]?.state], ['HEALTHY', 'HEALTHY'])
})

test('failover moves the address, --back brings it home, hardly a request is lost', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const from = monotonicMs()
  const moved = await failover(web1)
  assert.equal(moved.code, 0)
  assert.deepEqual([moved.outcome, moved.node], ['taken-over', 'web2'])
  await web2.engine().log.until(entered('MASTER'))
  await client.servedBy('web2', from)
  const hold = (await web1.status()).instances[0]?.hold
  assert.equal(hold?.ends, null)

  const back = monotonicMs()
  const returned = await failover(web1, '--back')
  assert.deepEqual([returned.code, returned.outcome], [0, 'back'])
  await client.servedBy('web1', back)
  await untilHolders(pair, ['web1'])
  const view = await client.viewSince(from)
  assert.ok(view.outageMs < 300, `each move within 300 ms: ${JSON.stringify(view)}`)
})

test('failover --hold ends by itself', async () => {
  await using pair = await startPair()
  const from = monotonicMs()
  const moved = await failover(pair.web1, '--hold', '1s')
  assert.equal(moved.outcome, 'taken-over')
  const seen = pair.web1.engine().log.position()
  await pair.web1.engine().log.until(entered('MASTER'), { after: seen })
  assert.ok(monotonicMs() - from >= 1_000)
  await untilHolders(pair, ['web1'])
})

test('what is handed over stays so when the engine starts anew', async () => {
  await using pair = await startPair()
  const { web1 } = pair
  assert.equal((await failover(web1)).outcome, 'taken-over')
  await web1.engine().stop()
  const again = web1.startEngine()
  await again.log.until(logged('hold.restored'))
  await again.log.until(entered('BACKUP'))
  const [instance] = (await web1.status()).instances
  assert.equal(instance?.priority.effective, 1)
  assert.equal((await failover(web1, '--back')).outcome, 'back')
  await again.log.until(entered('MASTER'))
})

test('failover on the backup changes nothing and names the master', async () => {
  await using pair = await startPair()
  // Before it has heard an advert it knows no master.
  await heardAdverts(pair.web2, 1)
  const refused = await failover(pair.web2)
  assert.deepEqual([refused.code, refused.outcome, refused.node], [3, 'not-master', 'web1'])
  await untilHolders(pair, ['web1'])
})

test('failover without anybody to take over: the box keeps the address and says so', async () => {
  await using pair = await startPair()
  await pair.web2.engine().stop()
  const alone = await failover(pair.web1)
  assert.deepEqual([alone.code, alone.outcome], [3, 'nobody'])
  await untilHolders(pair, ['web1'])
  assert.equal((await pair.web1.status()).instances[0]?.state, 'MASTER')
})

async function failover(box: Box, ...options: readonly string[]) {
  const { code, stdout } = await box.haup('failover', '--json', '--run-dir', box.runDir, ...options)
  const [outcome] = outcomesSchema.parse(JSON.parse(stdout)).outcomes
  return { code, ...outcome }
}

const errorSchema = z.object({ error: z.object({ code: z.string() }) })
const outcomesSchema = z.object({
  outcomes: z.array(z.object({ outcome: z.string(), node: z.string().nullable() })),
})
