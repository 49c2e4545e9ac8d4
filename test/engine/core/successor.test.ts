import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUICK_REPAIRS } from '../../../src/engine/core/guardian.ts'
import { createCluster } from './cluster.ts'

const settled = () => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

/** Somebody deletes the addresses 20 times a second; the kernel takes them back each time. */
const fight = (cluster: ReturnType<typeof settled>, name: string, rounds: number): void => {
  for (let round = 0; round < rounds; round += 1) {
    cluster.send(name, { kind: 'address-lost', instance: 'www', missing: [] })
    cluster.send(name, { kind: 'repaired', instance: 'www' })
    cluster.run(0.05)
  }
}

const said = (cluster: ReturnType<typeof settled>, what: string): number =>
  cluster.lines.filter((line) => line.startsWith(what)).length

test('addresses that are taken away all the time go to a node that can serve, within half a second', () => {
  const cluster = settled()
  const culprit = { who: 'the program "ip" (pid 7)', advice: undefined }
  cluster.send('web1', { kind: 'culprit', instance: 'www', culprit })
  fight(cluster, 'web1', QUICK_REPAIRS + 1)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
  assert.equal(said(cluster, 'web1 vip.given-up: the program "ip" (pid 7) takes its addresses away'), 1)
  assert.match(cluster.member('web1').state.instances.get('www')?.display.reason ?? '', /"ip" \(pid 7\) takes/)
})

test('it comes back for another try, and the pauses grow until it has kept them for a while', () => {
  const cluster = settled()
  const tryAgain = (seconds: number): void => {
    fight(cluster, 'web1', QUICK_REPAIRS + 1)
    cluster.run(seconds - 1)
    assert.deepEqual(cluster.accepting(), ['web2'], `before ${seconds} s`)
    cluster.run(1)
    cluster.send('web1', { kind: 'bindings-checked', instance: 'www', error: undefined })
    cluster.run(10)
    assert.deepEqual(cluster.accepting(), ['web1'], `after ${seconds} s`)
  }
  tryAgain(10)
  tryAgain(20)
  cluster.run(20)
  tryAgain(10)
})

test('where nobody else can serve they are put back for as long as it takes', () => {
  const cluster = settled()
  cluster.member('web2').healthy = false
  cluster.run(5)
  fight(cluster, 'web1', 100)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  assert.equal(said(cluster, 'web1 vip.lost-often'), 1)
  // It knows as soon as there is somebody.
  cluster.member('web2').healthy = true
  cluster.run(5)
  fight(cluster, 'web1', 10)
  assert.deepEqual(cluster.accepting(), ['web2'], cluster.lines.join('\n'))
})
