import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { ipBatch, runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { VIP } from './support/config.ts'
import { logged } from './support/pair.ts'
import { startPeers, statusOf, untilStatus } from './support/peers.ts'

/** A box that cannot keep the addresses, or has lost their interface: it says so, and the other one serves. */

/** Adverts of the default pace: nothing here may wait for them. */
const CALM = { instance: { advert_interval: '1s' } }
const LIMIT_MS = 15_000

/** Deletes the address again and again, until told to stop. */
function deleteAddress(namespace: string) {
  let stopped = false
  const ended = (async () => {
    // It fails while the address is not there.
    const argv = ['ip', '-n', namespace, 'addr', 'del', `${VIP}/24`, 'dev', INTERFACE]
    while (!stopped) await runOrThrow(argv).catch(() => undefined)
  })()
  return async () => {
    stopped = true
    await ended
  }
}

test('somebody deletes the address all the time: the other box serves within a second', async (context) => {
  await using peers = await startPeers(CALM)
  const { web1, web2, witness, client } = peers
  const from = monotonicMs()
  const stop = deleteAddress(web1.host.namespace)
  await web1.engine().log.until(logged('vip.given-up'))
  const taken = await witness.settled(['web2'], from, LIMIT_MS)
  await client.servedSteadily(['web2'], taken, LIMIT_MS)
  const { outageMs } = await client.viewSince(from)
  context.diagnostic(`settled after ${Math.round(taken - from)} ms, longest outage ${outageMs} ms`)
  assert.ok(taken - from < 1_500, `${taken - from} ms`)
  assert.ok(outageMs < 1_000, `${outageMs} ms`)
  const status = await statusOf(web1)
  assert.equal(status.instances[0]?.state, 'FAULT')
  assert.match(status.instances[0]?.reason ?? '', /takes its addresses away again and again/)
  await stop()
  // Left in peace it is preferred again.
  await witness.settled(['web1'], taken, 30_000)
  assert.equal((await statusOf(web2)).instances[0]?.state, 'BACKUP')
})

const VANISHED = [
  { name: 'deleted', commands: [`link del ${INTERFACE}`] },
  { name: 'renamed', commands: [`link set ${INTERFACE} name lan0`] },
  { name: 'taken down', commands: [`link set ${INTERFACE} down`] },
]

for (const { name, commands } of VANISHED) {
  test(`the interface of the holder is ${name}: told over the second line, the other box serves at once`, async (context) => {
    await using peers = await startPeers({ ...CALM, secondLine: true })
    const { web1, web2, witness, client } = peers
    const from = monotonicMs()
    await ipBatch(web1.host.namespace, commands)
    const taken = await witness.settled(['web2'], from, LIMIT_MS)
    await client.servedSteadily(['web2'], from, LIMIT_MS)
    const { outageMs } = await client.viewSince(from)
    context.diagnostic(`settled after ${Math.round(taken - from)} ms, outage ${outageMs} ms`)
    assert.ok(outageMs < 400, `${outageMs} ms`)
    assert.match((await statusOf(web1)).instances[0]?.reason ?? '', new RegExp(`interface ${INTERFACE} `))
    await untilStatus(web2, 'says who let go', ({ instances }) => /web1 has let go/.test(instances[0]?.reason ?? ''))
  })
}
