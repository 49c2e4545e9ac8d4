import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from './cluster.ts'

/** How a node finds out that nothing comes to it, and what ends that. */

const FAULT = 'nothing at all arrives on eth0, and nobody there answers: check its switch port, VLAN and cable'

function deafBackup() {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  cluster.cut('web1', 'web2', '*')
  cluster.member('web1').reach = 'reached'
  cluster.member('web2').reach = 'deaf'
  const from = cluster.now()
  cluster.run(6)
  const deaf = () => cluster.member('web2').state.instances.get('www')?.peer.deaf
  return { cluster, deaf, from }
}

test('a deaf backup stays aware, says so once, and the holder goes on without a gap', () => {
  const { cluster, deaf, from } = deafBackup()
  cluster.run(40)
  assert.equal(deaf(), FAULT)
  assert.deepEqual([cluster.since(from).gap, cluster.since(from).doubles], [0, []])
  const lines = (of: string, text: string) =>
    cluster.lines.filter((line) => line.startsWith(`${of} `) && line.includes(text)).length
  assert.equal(lines('web2', 'nothing at all arrives'), 1)
  assert.equal(lines('web2', 'no longer cut off'), 0)
  assert.equal(lines('web1', 'redundancy.lost'), 1)
})

test('a stray frame now and then is no sign, and much of it is', () => {
  const { cluster, deaf } = deafBackup()
  for (let turn = 0; turn < 10; turn += 1) {
    cluster.member('web2').reach = 'dark'
    cluster.run(0.5)
    cluster.member('web2').reach = 'deaf'
    cluster.run(1.5)
    assert.equal(deaf(), FAULT, `${turn}`)
  }
  cluster.member('web2').reach = 'dark'
  cluster.run(3)
  assert.equal(deaf(), undefined)
})

test('that nobody can be asked any more is no sign; an answer is, and so is what arrives', () => {
  const { cluster, deaf } = deafBackup()
  cluster.member('web2').reach = 'unknown'
  cluster.run(10)
  assert.equal(deaf(), FAULT)
  cluster.member('web2').reach = 'reached'
  cluster.run(1)
  assert.equal(deaf(), undefined)
  const other = deafBackup()
  other.cluster.heal()
  other.cluster.run(1.1)
  assert.equal(other.deaf(), undefined)
})

test('nobody to ask, nothing comes in, a second line: the holder lets go when the other node misses it and hears the LAN', () => {
  for (const [reach, expected] of [
    ['unknown', 'web2'],
    ['silent', 'web1'],
  ] as const) {
    const cluster = createCluster({ paths: 1 })
    cluster.startAll()
    cluster.run(10)
    cluster.split('web1', 'web2', 'advert', 'lan')
    cluster.member('web1').reach = 'silent'
    cluster.member('web2').reach = reach
    const from = cluster.now()
    cluster.run(30)
    assert.deepEqual(cluster.accepting(), [expected], reach)
    assert.deepEqual(cluster.since(from).doubles, [])
  }
})
