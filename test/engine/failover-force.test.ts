import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cluster } from './core/cluster.ts'
import { commandsOn, failover, only, settled, standby, strict } from './support/cluster-loop.ts'

/** Hand-overs to whom they would not go by themselves: forced, named, at a stop; and nodes that take no part at all. */

describe('--force', () => {
  const silent = (): Cluster => {
    const cluster = settled()
    cluster.kill('web2')
    cluster.run(5)
    return cluster
  }

  test('failover: lets go, takes part again when nobody came, and says how long that took', async () => {
    const cluster = silent()
    const { outcome, message } = only(await commandsOn(cluster, 'web1').ask({ ...failover, force: true }, 10))
    assert.equal(outcome, 'nobody')
    assert.match(message, /^nobody took over: the address was away for /)
    assert.deepEqual(cluster.accepting(), ['web1'])
    assert.equal(cluster.member('web1').state.instances.get('www')?.hold, undefined)
  })

  test('standby beside a node that cannot: goes on without an interruption, as the last resort', async () => {
    const cluster = settled()
    cluster.member('web2').healthy = false
    cluster.run(5)
    const from = cluster.now()
    const { outcome, message } = only(await commandsOn(cluster, 'web1').ask({ ...standby, force: true }, 5))
    assert.equal(outcome, 'nobody')
    assert.match(message, /^nobody took over: this node holds it as the last resort with priority 1/)
    assert.deepEqual([cluster.accepting(), cluster.since(from).gap], [['web1'], 0], cluster.lines.join('\n'))
    assert.equal(cluster.member('web1').state.instances.get('www')?.router.priority, 1)
    cluster.member('web2').healthy = true
    cluster.run(5)
    assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  })

  test('to a node in standby: moves without an interruption', async () => {
    const cluster = settled()
    cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true })
    cluster.run(1)
    const from = cluster.now()
    const { outcome, node } = only(await commandsOn(cluster, 'web1').ask({ ...failover, force: true }, 5))
    assert.deepEqual([outcome, node, cluster.accepting()], ['taken-over', 'web2', ['web2']], cluster.lines.join('\n'))
    assert.ok(cluster.since(from).gap <= 10)
  })

  test('strict standby: nobody serves, and that is said', async () => {
    const cluster = settled()
    cluster.member('web2').healthy = false
    cluster.run(5)
    const { outcome, message } = only(await commandsOn(cluster, 'web1').ask({ ...strict, force: true }, 5))
    assert.deepEqual([outcome, message], ['nobody', 'nobody took over: nobody serves it until `haup resume`'])
    assert.notDeepEqual(cluster.accepting(), ['web1'])
  })
})

test('a node in standby takes over when it is named', async () => {
  const cluster = settled()
  cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true })
  cluster.run(1)
  const from = cluster.now()
  const { outcome } = only(await commandsOn(cluster, 'web1').ask({ ...failover, to: 'web2' }, 5))
  assert.deepEqual([outcome, cluster.accepting()], ['taken-over', ['web2']], cluster.lines.join('\n'))
  assert.ok(cluster.since(from).gap <= 10)
})

test('an engine that stops hands over to a node in standby', () => {
  const cluster = settled()
  cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true })
  cluster.run(1)
  const from = cluster.now()
  cluster.send('web1', { kind: 'leave' })
  cluster.run(0.1)
  cluster.send('web1', { kind: 'stop', reason: 'SIGTERM' })
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.deepEqual([cluster.since(from).doubles, cluster.since(from).gap <= 10], [[], true])
})

test('strict standby takes no part, not even when nobody else is left', async () => {
  const cluster = settled()
  assert.equal(only(await commandsOn(cluster, 'web1').ask(strict, 2)).outcome, 'taken-over')
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  cluster.kill('web2')
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), [])
  assert.equal(only(await commandsOn(cluster, 'web1').ask({ kind: 'resume' }, 2)).outcome, 'back')
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
})
