import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { anyStateChange, logged, startPair, untilHolders } from './support/pair.ts'

const TIMES = 5
/** Healthy, failed, restarted, still failed. */
const anyOfService = logged('service.[a-z.-]+')

for (const server of ['nginx', 'apache'] as const) {
  test(`a graceful reload of ${server} under load is no death: nothing is restarted, nothing moves, nobody notices`, async () => {
    await using pair = await startPair({ server })
    const { web1, web2 } = pair
    const client = pair.startClient(VIP)
    await client.servedBy('web1', 0)
    const main = await web1.server.pid()
    const changes = () =>
      [anyStateChange, anyOfService].map((each) => web1.engine().log.count(each) + web2.engine().log.count(each))
    const before = changes()

    const from = monotonicMs()
    for (let time = 0; time < TIMES; time += 1) {
      await web1.server.reload()
      // Two rounds of probes have passed in the meantime.
      await client.servedBy('web1', monotonicMs() + 300)
    }
    const view = await client.viewSince(from)
    assert.deepEqual([view.lost, view.path], [0, ['web1']], JSON.stringify(view))
    assert.deepEqual(changes(), before)
    assert.equal(await web1.server.pid(), main)
    await untilHolders(pair, ['web1'])
  })
}
