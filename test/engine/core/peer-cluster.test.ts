import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromMillis } from '../../../src/shared/units.ts'
import { createCluster } from './cluster.ts'
import type { ClusterOptions } from './cluster-parts.ts'

const settled = (options: ClusterOptions = {}) => {
  const cluster = createCluster(options)
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

test('an administrator hands over, and nobody notices', () => {
  const cluster = settled()
  const from = cluster.now()
  cluster.send('web1', { kind: 'hold', instances: [], until: undefined })
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  const { gap, doubles } = cluster.since(from)
  assert.deepEqual(doubles, [])
  assert.ok(gap <= 10, `${gap} ms`)
  const back = cluster.now()
  cluster.send('web1', { kind: 'back', instances: [] })
  cluster.run(8)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  const returned = cluster.since(back)
  assert.deepEqual(returned.doubles, [])
  assert.ok(returned.gap <= 10, `${returned.gap} ms`)
})

test('handed over and taken back again and again: each return is as quick as the first', () => {
  const cluster = settled({ instance: { advertInterval: fromMillis(100) } })
  for (let round = 0; round < 3; round++) {
    cluster.send('web1', { kind: 'hold', instances: [], until: undefined })
    cluster.run(0.5)
    assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
    cluster.send('web1', { kind: 'back', instances: [] })
    cluster.run(0.6)
    assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  }
})

test('an engine that stops hands over first', () => {
  const cluster = settled()
  const from = cluster.now()
  cluster.send('web1', { kind: 'leave' })
  cluster.run(0.1)
  cluster.send('web1', { kind: 'stop', reason: 'SIGTERM' })
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.since(from).doubles, [])
  assert.ok(cluster.since(from).gap <= 10)
})

test('a failed service: the other one is there at once; with all failed nobody moves', () => {
  const cluster = settled()
  cluster.member('web1').healthy = false
  const from = cluster.now()
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.ok(cluster.since(from).gap <= 20, `${cluster.since(from).gap}`)
  cluster.member('web2').healthy = false
  const both = cluster.now()
  cluster.run(20)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.equal(cluster.since(both).gap, 0)
  assert.equal(cluster.lines.filter((line) => line.startsWith('web2 peer.nobody-readier')).length, 1)
})

test('adverts lost both ways, the channel works: no claim', () => {
  const cluster = settled()
  cluster.split('web1', 'web2', 'advert')
  const from = cluster.now()
  cluster.run(30)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.since(from), { gap: 0, doubles: [] })
  assert.ok(cluster.lines.some((line) => line.includes('peer.adverts-blocked')))
})

test('adverts lost one way: no claim', () => {
  for (const [from, to] of [
    ['web1', 'web2'],
    ['web2', 'web1'],
  ] as const) {
    const cluster = settled()
    cluster.cut(from, to, 'advert')
    const start = cluster.now()
    cluster.run(30)
    assert.deepEqual(cluster.since(start), { gap: 0, doubles: [] })
  }
})

test('everything from the master is lost one way: one holder at any time', () => {
  const cluster = settled()
  cluster.cut('web1', 'web2', 'advert', 'lan')
  const from = cluster.now()
  cluster.run(30)
  assert.deepEqual(cluster.since(from).doubles, [], cluster.lines.join('\n'))
  assert.ok(cluster.since(from).gap < 1_500, `${cluster.since(from).gap} ms\n${cluster.lines.join('\n')}`)
})

test('the backup is cut off: the gate of the master stays open', () => {
  for (let late = 0; late < 20; late++) {
    const cluster = settled()
    // Reports go out at another time than adverts.
    cluster.run(late / 20)
    cluster.send('web1', { kind: 'peer-met', node: 'web2' })
    cluster.run(2)
    const from = cluster.now()
    cluster.split('web1', 'web2', '*')
    cluster.member('web2').reach = 'dark'
    cluster.run(3)
    assert.deepEqual(cluster.since(from).gap, 0, `${late}\n${cluster.lines.join('\n')}`)
  }
})

test('a master whose LAN is dark hands over by the second line', () => {
  const cluster = settled({ paths: 1 })
  cluster.member('web1').reach = 'dark'
  cluster.member('web2').reach = 'reached'
  cluster.split('web1', 'web2', 'advert', 'lan')
  const from = cluster.now()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.since(from).doubles, [])
  cluster.member('web1').reach = 'reached'
  cluster.heal()
  const healed = cluster.now()
  cluster.run(10)
  assert.equal(cluster.accepting().length, 1)
  assert.deepEqual(cluster.since(healed).doubles, [], cluster.lines.join('\n'))
})

test('the nodes cannot hear each other on the LAN, both reach it, and there is a second line: nobody moves', () => {
  const cluster = settled({ paths: 1 })
  for (const name of ['web1', 'web2']) cluster.member(name).reach = 'reached'
  cluster.split('web1', 'web2', 'advert', 'lan')
  const from = cluster.now()
  cluster.run(30)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  assert.deepEqual(cluster.since(from).doubles, [])
})

test('a link goes down, with a second line: taken over at once', () => {
  const cluster = settled({ paths: 1 })
  const from = cluster.now()
  cluster.split('web1', 'web2', 'advert', 'lan')
  cluster.send('web1', { kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 is down' } })
  cluster.run(5)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.ok(cluster.since(from).gap < 20, `${cluster.since(from).gap} ms`)
})

test('the master hangs: its gate closes before the other one claims', () => {
  const cluster = settled()
  const from = cluster.now()
  cluster.freeze('web1', true)
  cluster.run(20)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.ok(cluster.since(from).gap < 1_500, `${cluster.since(from).gap} ms`)
  cluster.freeze('web1', false)
  cluster.run(20)
  assert.deepEqual(cluster.since(from).doubles, [], cluster.lines.join('\n'))
  assert.equal(cluster.accepting().length, 1)
})

test('a split of everything heals: one holder, said', () => {
  const cluster = settled()
  cluster.split('web1', 'web2', '*')
  cluster.run(20)
  assert.deepEqual(cluster.accepting(), ['web1', 'web2'])
  cluster.heal()
  cluster.run(3)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
})

test('three nodes and a majority: loss of any two leaves nobody, of one leaves one', () => {
  const cluster = settled({ nodes: 3, config: { quorum: 'majority' } })
  cluster.kill('web1')
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  cluster.kill('web3')
  cluster.run(10)
  assert.deepEqual([cluster.accepting(), cluster.masters()], [[], []])
  assert.ok(cluster.lines.includes('web2 peer.claim-waits: not claimed: 1 of 3 nodes are no majority'))
  cluster.start('web1')
  cluster.run(15)
  assert.equal(cluster.accepting().length, 1, cluster.lines.slice(-20).join('\n'))
})
