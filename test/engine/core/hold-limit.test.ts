import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdLimit } from '../../../src/engine/core/hold-limit.ts'
import type { EngineState } from '../../../src/engine/core/types.ts'
import { fromMillis, fromSeconds, micros, plus } from '../../../src/shared/units.ts'
import { createWorld } from '../../sim/peers/world.ts'
import { orderOf, reportOf } from '../peer/support.ts'
import { createCluster } from './cluster.ts'

const store = { kind: 'arbiter' as const, name: 'store', ttl: fromSeconds(5), timeout: fromSeconds(1) }
const ARBITER = { config: { witnesses: [{ ...store, store: { kind: 'http', url: 'http://store/' } } as never] } }

const saidAt = ({ talk }: EngineState) => talk?.rows.get('www')?.saidAt

test('a node that hears nothing, one report of it lost, and a holder that hangs then: never two', () => {
  for (let begins = 0; begins < 10; begins++) {
    for (let hangs = 15; hangs < 30; hangs++) {
      const cluster = createCluster()
      cluster.startAll()
      cluster.run(10 + begins / 10)
      const from = cluster.now()
      cluster.cut('web1', 'web2', '*')
      cluster.run(0.5)
      cluster.cut('web2', 'web1', '*')
      const said = saidAt(cluster.member('web2').state)
      while (saidAt(cluster.member('web2').state) === said) cluster.run(0.01)
      cluster.heal()
      cluster.cut('web1', 'web2', '*')
      cluster.run(Math.max(0, hangs / 10 - (cluster.now() - from) / 1e6))
      cluster.freeze('web1', true)
      cluster.run(5)
      assert.deepEqual(cluster.since(from).doubles, [], `${begins} ${hangs}: ${cluster.lines.join('\n')}`)
      assert.deepEqual(cluster.accepting(), ['web2'], `${begins} ${hangs}`)
    }
  }
})

test('nobody reaches the arbiter, and an answer is lost: the holder, whom all hear, goes on', async () => {
  for (let phase = 0; phase < 10; phase++) {
    const world = createWorld({ ...ARBITER, wires: { delay: () => micros(200 + 100 * phase) } })
    world.startAll()
    await world.run(10)
    for (const name of world.names) world.noStore.add(name)
    await world.run(10 + phase / 10)
    assert.deepEqual(world.accepting(), ['web1'])
    const from = world.now()
    world.wires.cut('web2', 'web1', 'lan')
    const said = saidAt(world.box('web2').state())
    while (saidAt(world.box('web2').state()) === said) await world.run(0.005)
    await world.run(0.01)
    world.wires.heal()
    await world.run(6)
    assert.equal(world.since(from).gap, 0, `${phase}: ${world.lines.slice(-6).join('\n')}`)
  }
})

test("who is heard again, and has not acknowledged: open a moment longer, yet not beyond the arbiter's lease", () => {
  for (const arbiter of [false, true]) {
    const cluster = createCluster(arbiter ? ARBITER : {})
    cluster.startAll()
    const leased = (until: number) => {
      if (arbiter) cluster.send('web1', { kind: 'lease', instance: 'www', until: plus(cluster.now(), micros(until)) })
    }
    leased(60e6)
    cluster.run(10)
    cluster.split('web1', 'web2', '*')
    cluster.run(4)
    leased(10_000)
    const { state, plan } = cluster.member('web1')
    const [instance] = plan.instances
    const facts = state.peers.get('web2')
    assert.ok(instance !== undefined && facts?.provenAt !== undefined)
    const { provenAt } = facts
    const order = orderOf(1, 'next')
    cluster.send('web1', { kind: 'peer-heard', node: 'web2', path: 'lan', report: reportOf(facts), provenAt, order })
    const limit = holdLimit(plan, instance, cluster.member('web1').state, cluster.now())
    assert.equal(limit?.until, plus(cluster.now(), fromMillis(arbiter ? 10 : 50)))
  }
})

test('another one that holds, too, hears nothing, and hangs: nobody answers before its gate has closed', async () => {
  for (const advertInterval of [fromMillis(300), fromSeconds(1)]) {
    for (let hangs = 0; hangs < 20; hangs++) {
      const world = createWorld({ instances: [{ advertInterval, priority: { web1: 254, web2: 190 } }] })
      const run = async (intervals: number) => await world.run((intervals * advertInterval) / 1e6)
      world.startAll()
      await run(10)
      const from = world.now()
      world.wires.cut('web1', 'web2', '*')
      await run(6 + hangs / 20)
      assert.deepEqual(world.accepting(), ['web2'])
      world.box('web2').freeze(true)
      await run(7)
      assert.deepEqual(world.since(from).doubles, [], `${hangs}: ${world.lines.join('\n')}`)
      assert.deepEqual(world.accepting(), ['web1'], `${hangs}: ${world.lines.join('\n')}`)
    }
  }
})
