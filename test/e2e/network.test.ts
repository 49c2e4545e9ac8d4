import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  blockPort,
  bringInterfaceUp,
  darkenPort,
  dropAdverts,
  lightPort,
  passAdverts,
  takeInterfaceDown,
  unblockPort,
} from '../../src/lab/faults.ts'
import { monotonicMs } from '../../src/lab/monotonic.ts'
import { VIP } from './support/config.ts'
import { entered, logged, type Pair, startPair, untilHolders } from './support/pair.ts'

const CUTS = [
  { name: 'the switch port of the master goes dark', cut: darkenPort, heal: lightPort },
  {
    name: "the master's interface is taken down",
    cut: (_: Pair['topology'], host: Pair['web1']['host']) => takeInterfaceDown(host),
    heal: (_: Pair['topology'], host: Pair['web1']['host']) => bringInterfaceUp(host),
  },
]

for (const { name, cut, heal } of CUTS) {
  test(`${name}: it gives up at once, the other box takes over, and it returns with the link`, async () => {
    await using pair = await startPair()
    const { web1, web2 } = pair
    const client = pair.startClient(VIP)
    await client.servedBy('web1', 0)
    const seen = web1.engine().log.position()
    await cut(pair.topology, web1.host)
    await web1.engine().log.until(entered('INIT'), { after: seen })
    await web2.engine().log.until(entered('MASTER'))
    await client.servedBy('web2', monotonicMs())
    await untilHolders(pair, ['web2'])
    const { state, faults } = (await web1.status()).instances[0] ?? assert.fail('no instance')
    assert.equal(state, 'FAULT')
    assert.match(faults.join(), /eth0/)

    await heal(pair.topology, web1.host)
    await web1.engine().log.until(entered('MASTER'), { after: seen })
    await client.servedBy('web1', monotonicMs())
    await untilHolders(pair, ['web1'])
  })
}

test('a switch that forwards nothing splits the pair; healed, the preferred box alone holds the address', async () => {
  await using pair = await startPair()
  const { web1, web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  await blockPort(pair.topology, web1.host)
  await web2.engine().log.until(entered('MASTER'))
  await client.servedBy('web2', monotonicMs())
  const seen = web2.engine().log.position()
  await unblockPort(pair.topology, web1.host)
  await web2.engine().log.until(entered('BACKUP'), { after: seen })
  await untilHolders(pair, ['web1'])
  await client.servedBy('web1', monotonicMs())
})

test('a firewall that eats adverts: the backup sees by ARP that the master serves and does not claim', async () => {
  await using pair = await startPair()
  const { web2 } = pair
  const client = pair.startClient(VIP)
  await client.servedBy('web1', 0)
  const begun = monotonicMs()
  await dropAdverts(web2.host, ['in'])
  await web2.engine().log.until(logged('lan.adverts-blocked'))
  const { state, reason } = (await web2.status()).instances[0] ?? assert.fail('no instance')
  assert.equal(state, 'BACKUP')
  assert.match(reason, /adverts of web1 do not arrive, but it holds the address: is IP protocol 112 blocked/)
  await passAdverts(web2.host)
  await web2.engine().log.until(logged('lan.adverts-back'))
  await untilHolders(pair, ['web1'])
  const { lost, path } = await client.viewSince(begun)
  assert.deepEqual({ lost, path }, { lost: 0, path: ['web1'] })
})
