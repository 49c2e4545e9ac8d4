import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { anyStateChange, logged, startPair, untilHolders } from './support/pair.ts'

const TIMES = 3
/** As init writes it. Apache may answer nothing for a second, until its main process has looked after its children. */
const LOOKS = { interval: '1s', timeout: '1s' }
const TWO_ROUNDS_MS = 2_500
/** One bad round is told too (`service.notice`), and nothing follows from it. */
const anyOfService = logged('service.(?:restart|healthy|failed.[a-z-]+)')

for (const server of ['nginx', 'apache'] as const) {
  test(`a graceful reload of ${server} under load is no death: nothing is restarted, nothing moves`, async () => {
    await using pair = await startPair({ server, service: LOOKS })
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
      await client.servedBy('web1', monotonicMs() + TWO_ROUNDS_MS)
    }
    const view = await client.viewSince(from)
    assert.deepEqual(view.path, ['web1'])
    // Who asked at the beginning of such a second has waited for one, and that is when the client gives up.
    assert.ok(view.outageMs < 200, JSON.stringify(view))
    assert.deepEqual(changes(), before)
    assert.equal(await web1.server.pid(), main)
    await untilHolders(pair, ['web1'])
  })
}
