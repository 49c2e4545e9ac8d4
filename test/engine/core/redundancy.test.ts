import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { notifyChanges } from '../../../src/engine/core/notify.ts'
import { followRedundancy } from '../../../src/engine/core/redundancy.ts'
import { summarize } from '../../../src/engine/core/summary.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { ClusterOptions } from './cluster-parts.ts'

const settled = (options: ClusterOptions = {}): Cluster => {
  const cluster = createCluster(options)
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

const told = (cluster: Cluster): readonly string[] => cluster.lines.filter((line) => line.includes('redundancy.'))

/** Ways to lose the backup of two nodes, beside what the line has to name. */
const WAYS: readonly {
  readonly name: string
  readonly lose: (cluster: Cluster) => void
  readonly mend: (cluster: Cluster) => void
  readonly why: RegExp
}[] = [
  {
    name: 'its engine is killed',
    lose: (cluster) => cluster.kill('web2'),
    mend: (cluster) => cluster.start('web2'),
    why: /web2 cannot \(.*engine.*died.*; start haup there: systemctl start haup/,
  },
  {
    name: 'its engine stops in order',
    lose: (cluster) => {
      cluster.send('web2', { kind: 'stop', reason: 'SIGTERM' })
      cluster.run(0.1)
      cluster.kill('web2')
    },
    mend: (cluster) => cluster.start('web2'),
    why: /web2 cannot \(its engine has stopped\); start haup there/,
  },
  {
    name: 'nothing of it arrives any more',
    lose: (cluster) => cluster.cut('web2', 'web1', '*'),
    mend: (cluster) => cluster.heal(),
    why: /web2 cannot \(nothing is heard of it\)/,
  },
  {
    name: 'its service fails',
    lose: (cluster) => {
      cluster.member('web2').healthy = false
    },
    mend: (cluster) => {
      cluster.member('web2').healthy = true
    },
    why: /web2 cannot \(FAULT: .*refused\); see `haup status` there/,
  },
  {
    name: 'its cable is out',
    lose: (cluster) =>
      cluster.send('web2', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 has no carrier' } }),
    mend: (cluster) =>
      cluster.send('web2', { kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } }),
    why: /web2 cannot \(FAULT: eth0 has no carrier\); see `haup status` there/,
  },
  {
    name: 'strict standby',
    lose: (cluster) =>
      cluster.send('web2', { kind: 'hold', instances: [], until: undefined, standby: true, strict: true }),
    mend: (cluster) => cluster.send('web2', { kind: 'back', instances: [] }),
    why: /web2 cannot \(put on strict standby .*; `haup resume` there/,
  },
]

describe('the holder tells within 5 s that nobody could take over, once, and once that somebody could', () => {
  for (const { name, lose, mend, why } of WAYS)
    test(name, () => {
      const cluster = settled()
      assert.deepEqual(told(cluster), [])
      lose(cluster)
      cluster.run(5)
      const [first, ...more] = told(cluster)
      assert.match(first ?? '', /^web1 redundancy\.lost: if this node fails now, nobody serves: /)
      assert.match(first ?? '', why)
      assert.deepEqual(more, [])
      cluster.run(60)
      assert.equal(told(cluster).length, 1)
      mend(cluster)
      cluster.run(8)
      assert.deepEqual(told(cluster).slice(1), ['web1 redundancy.back: web2 could take over again'])
    })
})

test('it is told of the instance, after three quarters of a second, with the nodes that could', () => {
  const cluster = settled({ nodes: 3 })
  for (const name of ['web2', 'web3']) cluster.member(name).healthy = false
  cluster.run(6)
  cluster.member('web3').healthy = true
  cluster.run(6)
  assert.match(told(cluster)[1] ?? '', /: web3 could take over again$/)
  const pair = settled()
  pair.kill('web2')
  pair.run(0.74)
  assert.deepEqual(told(pair), [])
  pair.run(0.1)
  assert.equal(told(pair).length, 1)
  const { runtime, actions } = lastStep(pair)
  assert.equal(runtime.redundancy.told, true)
  assert.deepEqual(actions, ['www'])
})

/** The same step once more, by itself. */
function lastStep(cluster: Cluster) {
  const { plan, state } = cluster.member('web1')
  const instance = plan.instances[0] ?? assert.fail('no instance')
  const before = state.instances.get('www') ?? assert.fail('no runtime')
  const untold = { ...before, redundancy: { lost: true, told: false, dueAt: cluster.now() } }
  const { runtime, actions } = followRedundancy(plan, instance, untold, state, cluster.now())
  return { runtime, actions: actions.map((each) => (each.kind === 'log' ? each.record.subject : each.kind)) }
}

test('a node that takes over from one that is dead tells that it is alone', () => {
  const cluster = settled()
  cluster.kill('web1')
  cluster.run(6)
  assert.match(told(cluster).join(), /^web2 redundancy\.lost: .* web1 cannot/)
})

test('of three nodes the last but one tells it', () => {
  const cluster = settled({ nodes: 3 })
  cluster.kill('web3')
  cluster.run(6)
  assert.deepEqual(told(cluster), [])
  cluster.member('web2').healthy = false
  cluster.run(6)
  assert.match(told(cluster).join(), /web2 cannot .*, web3 cannot /)
})

test('what passes at once, and a planned move, are no news', () => {
  const cluster = settled()
  cluster.send('web2', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 has no carrier' } })
  cluster.run(0.3)
  cluster.send('web2', { kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
  cluster.run(5)
  cluster.send('web1', { kind: 'hold', instances: [], until: undefined })
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'])
  cluster.send('web1', { kind: 'back', instances: [] })
  cluster.run(10)
  assert.deepEqual(told(cluster), [])
})

test('a holder that had told it and holds no more says that it is another one’s matter', () => {
  const cluster = settled()
  cluster.member('web2').healthy = false
  cluster.run(5)
  cluster.send('web1', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 has no carrier' } })
  cluster.run(1)
  assert.match(told(cluster)[1] ?? '', /^web1 redundancy\.back: this node is no longer the holder/)
})

test('a stop says nothing of it', () => {
  const cluster = settled()
  cluster.kill('web2')
  cluster.run(5)
  cluster.send('web1', { kind: 'leave' })
  cluster.run(1)
  cluster.send('web1', { kind: 'stop', reason: 'SIGTERM' })
  cluster.run(1)
  assert.equal(told(cluster).length, 1)
  const other = settled()
  other.send('web1', { kind: 'leave' })
  other.kill('web2')
  other.run(3)
  assert.deepEqual(told(other), [])
})

test('commands are told of it, and the service manager', () => {
  const on = { redundancy_lost: ['/alone'], redundancy_back: ['/paired'] }
  const notify = { on, any: ['/any'], timeout: fromSeconds(10), user: undefined }
  const cluster = settled({ instance: { notify } })
  const { plan } = cluster.member('web1')
  const seen: string[] = []
  let before = cluster.member('web1').state
  const look = (seconds: number): void => {
    for (let step = 0; step < seconds * 10; step += 1) {
      cluster.run(0.1)
      const { state } = cluster.member('web1')
      for (const { commands } of notifyChanges(plan, before, state))
        seen.push(...commands.map(({ argv, env }) => `${argv.join(' ')} as ${Object.values(env)[1]}`))
      before = state
    }
  }
  cluster.kill('web2')
  look(5)
  assert.deepEqual(seen, ['/alone as REDUNDANCY_LOST'])
  assert.equal(summarize(plan, before), 'www MASTER (nobody could take over)')
  cluster.start('web2')
  look(5)
  assert.deepEqual(seen, ['/alone as REDUNDANCY_LOST', '/paired as REDUNDANCY_BACK'])
  assert.equal(summarize(plan, before), 'www MASTER')
})
