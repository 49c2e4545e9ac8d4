import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { runOrThrow } from '../../src/lab/run.ts'
import { INTERFACE } from '../../src/lab/topology.ts'
import { entered } from './support/pair.ts'
import { lifeOf, startPeers, untilStatus } from './support/peers.ts'

/** Adverts each second: by VRRP alone a take-over lasts 3.6 s. */

const LIMIT_MS = 15_000

test('the engine of the master is killed: the other one is there at once, and each status tells it', async (context) => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, web2, witness, client } = peers
  for (let round = 1; round <= 3; round++) {
    const seen = web2.engine().log.position()
    const from = monotonicMs()
    web1.engine().signal('SIGKILL')
    const taken = await witness.settled(['web2'], from, LIMIT_MS)
    const view = await client.viewSince(from)
    context.diagnostic(`engine killed: ${JSON.stringify({ heldAfter: taken - from, view })}`)
    assert.ok(taken - from < 300, `${taken - from} ms`)
    assert.match(await web2.engine().log.until(entered('MASTER'), { after: seen }), /engine of web1 died/)
    const status = await untilStatus(web2, 'web1 died', (each) => lifeOf(each, 'web1') === 'died')
    const { alive, age_seconds } = status.peers[0] ?? assert.fail('no peer')
    assert.equal(alive, false)
    const later = await untilStatus(
      web2,
      'older',
      (each) => (each.peers[0]?.age_seconds ?? 0) > (age_seconds ?? 0) + 0.5,
    )
    assert.equal(lifeOf(later, 'web1'), 'died')

    await web1.engine().exited
    const started = monotonicMs()
    web1.startEngine()
    await witness.settled(['web1'], started, LIMIT_MS)
    assert.equal((await witness.viewSince(from)).twoMs, 0)
    await untilStatus(web2, 'web1 alive', (each) => lifeOf(each, 'web1') === 'alive')
  }
})

test('the master loses its own address, and with it the channel: its last advert and a look at the LAN suffice', async () => {
  await using peers = await startPeers({ instance: { advert_interval: '1s' } })
  const { web1, web2, witness } = peers
  const { namespace, address } = web1.host
  const from = monotonicMs()
  await runOrThrow(['ip', '-n', namespace, 'addr', 'flush', 'dev', INTERFACE])
  await witness.settled(['web2'], from, LIMIT_MS)
  const line = await web2.engine().log.until(entered('MASTER'))
  assert.match(line, /web1 has let go by its last advert, and nobody answers for the addresses/)
  const back = monotonicMs()
  await runOrThrow(['ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', INTERFACE])
  await witness.settled(['web1'], back, LIMIT_MS)
  assert.equal((await witness.viewSince(from)).twoMs, 0)
})
