import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leavesUntil } from '../../../src/engine/core/damping.ts'
import type { EngineEvent } from '../../../src/engine/core/types.ts'
import { handleFailover } from '../../../src/engine/failover.ts'
import { fromMillis, fromSeconds, type Micros, toSeconds } from '../../../src/shared/units.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { ClusterOptions } from './cluster-parts.ts'

/** A node that loses the addresses by a fault again and again takes them back later each time (damping.ts). */

function settled(options: ClusterOptions = {}): Cluster {
  const cluster = createCluster(options)
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

/** The engine stops, and goes on for long enough to take the addresses back. */
function stall(cluster: Cluster, turns: number): void {
  for (let turn = 0; turn < turns; turn += 1) {
    cluster.freeze('web1', true)
    cluster.run(4.5)
    cluster.freeze('web1', false)
    cluster.run(7)
  }
}

const returns = (cluster: Cluster): number =>
  cluster.lines.filter((line) => line === 'web1 backup -> master').length - 1
const dampings = (cluster: Cluster): string[] => cluster.lines.filter((line) => line.startsWith('web1 damped'))

function leaves(cluster: Cluster, name = 'web1'): Micros | undefined {
  const { plan, state } = cluster.member(name)
  const [instance, runtime] = [plan.instances[0], state.instances.get('www')]
  assert.ok(instance && runtime)
  return leavesUntil(instance, runtime, state, cluster.now())
}

/** Lost twice, and the second time left to web2 for a while. */
function lostTwice(options: ClusterOptions = {}): Cluster {
  const cluster = settled(options)
  stall(cluster, 1)
  assert.deepEqual(cluster.masters(), ['web1'], 'the first loss is no pattern')
  cluster.freeze('web1', true)
  cluster.run(4.5)
  cluster.freeze('web1', false)
  cluster.run(1)
  assert.deepEqual(cluster.masters(), ['web2'])
  assert.ok(leaves(cluster) !== undefined)
  return cluster
}

test('an engine that stalls in turns: it comes back later each time, and says so', () => {
  const cluster = settled()
  stall(cluster, 40)
  assert.ok(returns(cluster) >= 4 && returns(cluster) <= 12, `${returns(cluster)} times`)
  const waits = dampings(cluster).map((line) => /serve for (.*) \(at once/.exec(line)?.[1])
  assert.deepEqual(waits.slice(0, 4), ['6.047s', '12.094s', '24.188s', '48.375s'], dampings(cluster).join('\n'))
  assert.ok(
    waits.slice(4).every((wait) => wait === '1m 0s'),
    waits.join(),
  )
  assert.match(dampings(cluster)[0] ?? '', /^web1 damped: lost 2 times by a fault within [\d.]+s: not taken back/)
  assert.equal(
    cluster.lines.filter((line) => line.startsWith('web2 damped')).length,
    0,
    'who is preempted has no fault',
  )
})

test('it takes them back when its time is over, and all is forgotten after a calm while', () => {
  const cluster = lostTwice()
  const until = leaves(cluster) ?? 0
  cluster.run(toSeconds((until - cluster.now()) as Micros) - 0.5)
  assert.deepEqual(cluster.masters(), ['web2'])
  cluster.run(6)
  assert.deepEqual(cluster.accepting(), ['web1'])
  cluster.run(300)
  stall(cluster, 1)
  assert.deepEqual([cluster.masters(), dampings(cluster).length], [['web1'], 1])
})

for (const how of ['dies', 'lets go'] as const) {
  test(`what nobody holds is claimed as ever: the holder ${how}`, () => {
    const cluster = lostTwice()
    const from = cluster.now()
    if (how === 'dies') cluster.kill('web2')
    else cluster.send('web2', { kind: 'stop', reason: 'the engine stops' })
    cluster.run(4)
    assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
    assert.ok(cluster.since(from).gap < fromMillis(3_500), `${cluster.since(from).gap} us`)
  })
}

test('a holder whose service fails is relieved at once', () => {
  const cluster = lostTwice()
  cluster.member('web2').healthy = false
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
})

test('an administrator is not kept waiting', () => {
  const cluster = lostTwice()
  cluster.send('web1', { kind: 'hold', instances: ['www'], until: undefined })
  cluster.run(1)
  cluster.send('web1', { kind: 'back', instances: ['www'] })
  assert.equal(leaves(cluster), undefined)
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  const handed = lostTwice()
  handed.send('web2', { kind: 'hold', instances: ['www'], until: undefined })
  handed.run(2)
  assert.deepEqual(handed.accepting(), ['web1'], handed.lines.join('\n'))
})

test('`failover --back` ends the wait of a node that was handed nothing', async () => {
  const cluster = lostTwice()
  const { plan, state } = cluster.member('web1')
  const events: string[] = []
  const loop = {
    plan: () => plan,
    state: () => state,
    dispatch: (event: EngineEvent) => void events.push(event.kind),
    watch: () => () => undefined,
  }
  const clock = { now: cluster.now, wakeAt: () => undefined, after: () => () => undefined }
  const context = { loop, clock, wallClock: () => new Date(0) }
  const answer = await handleFailover(context, { kind: 'back', instances: [] })
  assert.deepEqual(events, ['back'])
  assert.match(JSON.stringify(answer), /takes the address back/)
})

test('adverts that do not arrive make it ask for nothing meanwhile', () => {
  const cluster = lostTwice({ paths: 1 })
  cluster.split('web1', 'web2', 'advert')
  cluster.run(4.5)
  assert.deepEqual(cluster.masters(), ['web2'], cluster.lines.join('\n'))
})

test('a service that flaps: the wait begins when it is good again', () => {
  const cluster = settled()
  for (let turn = 0; turn < 12; turn += 1) {
    cluster.member('web1').healthy = false
    cluster.run(10)
    cluster.member('web1').healthy = true
    cluster.run(20)
  }
  assert.ok(dampings(cluster).length >= 2, cluster.lines.join('\n'))
  assert.ok(returns(cluster) <= 8, `${returns(cluster)} times`)
})

test('without a channel, too', () => {
  const cluster = settled({ config: { peer: undefined } })
  stall(cluster, 12)
  assert.ok(dampings(cluster).length >= 2, cluster.lines.join('\n'))
  assert.ok(returns(cluster) <= 6, `${returns(cluster)} times`)
})

test('preempt_delay is a part of it, and doubled as well', () => {
  const cluster = settled({ instance: { preemptDelay: fromSeconds(10) } })
  for (let turn = 0; turn < 2; turn += 1) {
    cluster.freeze('web1', true)
    cluster.run(4.5)
    cluster.freeze('web1', false)
    cluster.run(turn === 0 ? 20 : 19)
  }
  assert.match(dampings(cluster).join(), /before this one could serve for 20s /)
  assert.deepEqual(cluster.masters(), ['web2'])
  cluster.run(7)
  assert.deepEqual(cluster.masters(), ['web1'], cluster.lines.join('\n'))
})

test('hand-overs by an administrator are no faults', () => {
  const cluster = settled()
  for (let turn = 0; turn < 3; turn += 1) {
    cluster.send('web1', { kind: 'hold', instances: ['www'], until: undefined })
    cluster.run(2)
    cluster.send('web1', { kind: 'back', instances: ['www'] })
    cluster.run(20)
    assert.deepEqual(cluster.accepting(), ['web1'])
  }
  assert.deepEqual(dampings(cluster), [])
})
