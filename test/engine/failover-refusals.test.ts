import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseNobody } from '../../src/engine/refusals.ts'
import { type Cluster, createCluster } from './core/cluster.ts'
import { WEB2 } from './core/support.ts'
import { commandsOn, FAST, failover, only, settled, standby, strict } from './support/cluster-loop.ts'

/** Hand-overs that would leave the addresses to nobody. */

const stop = (cluster: Cluster, name: string): void => {
  cluster.send(name, { kind: 'leave' })
  cluster.send(name, { kind: 'stop', reason: 'SIGTERM' })
  cluster.run(0.1)
  cluster.kill(name)
}

type Case = {
  readonly name: string
  readonly act: (cluster: Cluster) => void
  readonly why: RegExp
  readonly do: RegExp
}

const CASES: readonly Case[] = [
  {
    name: 'its engine has stopped',
    act: (cluster) => stop(cluster, 'web2'),
    why: /web2 cannot \(its engine has stopped\)/,
    do: /^web2: start haup there/,
  },
  {
    name: 'its engine was killed a moment ago',
    act: (cluster) => cluster.kill('web2'),
    why: /web2 cannot \(its engine seems to have died/,
    do: /^web2: start haup there/,
  },
  {
    name: 'it hangs',
    act: (cluster) => cluster.freeze('web2', true),
    why: /web2 cannot \(nothing is heard of it\)/,
    do: /^web2: start haup there/,
  },
  {
    name: 'its interface is down',
    act: (cluster) =>
      cluster.send('web2', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 is down' } }),
    why: /web2 cannot \(FAULT: eth0 is down\)/,
    do: /^web2: see `haup status` there/,
  },
  {
    name: 'its service failed',
    act: (cluster) => {
      cluster.member('web2').healthy = false
    },
    why: /web2 cannot \(FAULT: web: /,
    do: /^web2: see `haup status` there/,
  },
  {
    name: 'it is in standby',
    act: (cluster) => cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true }),
    why: /web2 cannot \(put on standby by an administrator \(haup standby\)\)/,
    do: /^web2: `haup resume` there/,
  },
  {
    name: 'it is in strict standby',
    act: (cluster) =>
      cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true, strict: true }),
    why: /web2 cannot \(put on strict standby by an administrator \(haup standby --strict\)\)/,
    do: /^web2: `haup resume` there/,
  },
]

for (const { name, act, why, do: todo } of CASES) {
  for (const request of [failover, standby, strict]) {
    const strictly = request === strict ? ', strict' : ''
    test(`${request.kind}${strictly} is refused at once: ${name}`, async () => {
      const cluster = settled()
      act(cluster)
      cluster.run(name.endsWith('a moment ago') ? 0.02 : 5)
      const from = cluster.now()
      const { ok, ...refusal } = await commandsOn(cluster, 'web1').ask(request, 10)
      assert.ok(!ok && 'code' in refusal, JSON.stringify(refusal))
      assert.equal(refusal.code, 'takeover.nobody')
      assert.match(refusal.message, /^nothing was handed over: nobody could take over www: /)
      assert.match(refusal.message, why)
      assert.match(refusal.next_steps[0] ?? '', todo)
      assert.match(refusal.next_steps.at(-1) ?? '', new RegExp(`^all the same: haup ${request.kind}.* --force`))
      assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
      assert.equal(cluster.since(from).gap, 0)
    })
  }
}

test('alone in the file', async () => {
  const cluster = settled({ ...FAST, nodes: 1 })
  const answer = await commandsOn(cluster, 'web1').ask(failover, 1)
  assert.ok(!answer.ok && answer.code === 'takeover.nobody', JSON.stringify(answer))
  assert.match(answer.message, /haup.yaml has no other node/)
})

test('a node that does not take what it is offered interrupts nobody', async () => {
  const cluster = settled({})
  // It is heard, and hears nothing.
  cluster.cut('web1', 'web2', 'lan')
  const from = cluster.now()
  const { outcome, message } = only(await commandsOn(cluster, 'web1').ask(failover, 0.6))
  assert.deepEqual(
    [outcome, message.startsWith('web2 did not take it over, and nobody was interrupted')],
    ['nobody', true],
  )
  assert.ok(cluster.lines.some((line) => line.startsWith('web1 hold.declined: web2 did not answer')))
  assert.equal(cluster.member('web1').state.instances.get('www')?.hold, undefined)
  assert.deepEqual([cluster.accepting(), cluster.since(from).gap], [['web1'], 0])
})

test('a node that was never heard: it may run, and its reports be dropped', async () => {
  const cluster = createCluster(FAST)
  cluster.start('web1')
  cluster.run(5)
  const answer = await commandsOn(cluster, 'web1').ask(failover, 1)
  assert.ok(!answer.ok, JSON.stringify(answer))
  assert.match(answer.message, /web2 cannot \(nothing was heard of it since this engine started\)$/)
  assert.match(
    answer.next_steps[0] ?? '',
    /^web2: start haup there: .*; where it runs, let UDP port 7112 pass between the nodes$/,
  )
})

test('of several instances those that can move are named', async () => {
  const cluster = settled()
  const { plan } = cluster.member('web1')
  const [www] = plan.instances
  assert.ok(www !== undefined)
  cluster.member('web2').healthy = false
  cluster.run(5)
  const { state } = cluster.member('web1')
  const alone = { ...www, name: 'api', track: [] }
  const refusal = refuseNobody(
    { ...plan, instances: [www, alone] },
    { ...state, instances: new Map(state.instances).set('api', state.instances.get('www') ?? assert.fail()) },
    [www, { ...alone, peers: [{ name: 'old', address: WEB2, kind: 'keepalived', basePriority: 9 }] }],
    { command: 'failover' },
    cluster.now(),
  )
  assert.match(refusal?.message ?? '', /^nothing was handed over: nobody could take over www: web2 cannot/)
  assert.ok(refusal?.next_steps.includes('only what can move: haup failover api'))
})
