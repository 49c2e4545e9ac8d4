import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandsOn, failover, only, settled, standby } from './support/cluster-loop.ts'

/** The commands between nodes with a peer channel. */

for (const request of [failover, standby]) {
  test(`adverts do not arrive: ${request.kind} is judged by the channel that carries it out`, async () => {
    const cluster = settled({})
    cluster.split('web1', 'web2', 'advert')
    const from = cluster.now()
    const { outcome, node, took_ms } = only(await commandsOn(cluster, 'web1').ask(request, 20))
    assert.deepEqual([outcome, node], ['taken-over', 'web2'], cluster.lines.join('\n'))
    assert.ok(took_ms !== null && took_ms < 200, `${took_ms} ms`)
    assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
    assert.equal(cluster.member('web1').state.instances.get('www')?.hold?.answered, true)
    assert.ok(cluster.since(from).gap <= 10, JSON.stringify(cluster.since(from)))
  })
}
