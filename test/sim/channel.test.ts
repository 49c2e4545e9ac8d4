import assert from 'node:assert/strict'
import { test } from 'node:test'
import { micros } from '../../src/shared/units.ts'
import { type Cluster, createCluster } from '../engine/core/cluster.ts'
import { createRandom, type Random } from './random.ts'

/**
 * Histories with the channel: adverts and the LAN come and go in every direction, engines hang, die and return, services
 * fail, administrators move things. As long as one path between the nodes works, never two of them accept.
 */

const HISTORIES = Number(process.env.HAUP_CHANNEL_HISTORIES ?? 150)
const STEPS = 25

for (const nodes of [2, 3]) {
  test(`${HISTORIES} histories of ${nodes} nodes with a second line: never two holders, and one at the end`, () => {
    for (let seed = 1; seed <= HISTORIES; seed++) history(seed, nodes)
  })
}

function history(seed: number, nodes: number): void {
  const random = createRandom(seed * 10 + nodes)
  const cluster = createCluster({
    nodes,
    paths: 1,
    instance: { preempt: random.chance(0.5), version: random.pick([2, 3] as const) },
    slow: () => micros(random.between(100, 4_000)),
  })
  const told: string[] = []
  const names = Array.from({ length: nodes }, (_, index) => `web${index + 1}`)
  const from = cluster.now()
  cluster.startAll()
  cluster.run(6)
  for (let step = 0; step < STEPS; step++) {
    told.push(`${(cluster.now() / 1e6).toFixed(3)} ${disturb(cluster, random, names)}`)
    cluster.run(random.between(0, 40) / 10)
  }
  calm(cluster, names)
  cluster.run(25)
  const story = (): string => `seed ${seed}, ${nodes} nodes\n${told.join('\n')}\n${cluster.lines.slice(-40).join('\n')}`
  assert.deepEqual(cluster.since(from).doubles, [], story())
  assert.equal(cluster.accepting().length, 1, story())
}

function disturb(cluster: Cluster, random: Random, names: readonly string[]): string {
  const index = random.between(0, names.length - 1)
  const a = names[index] ?? ''
  const b = names[(index + random.between(1, names.length - 1)) % names.length] ?? ''
  const what = random.pick([
    'adverts',
    'lan',
    'both',
    'heal',
    'freeze',
    'thaw',
    'kill',
    'start',
    'sick',
    'well',
    'hold',
    'back',
  ])
  switch (what) {
    case 'adverts':
      cluster.cut(a, b, 'advert')
      break
    case 'lan':
      cluster.cut(a, b, 'lan')
      break
    case 'both':
      cluster.split(a, b, 'advert', 'lan')
      break
    case 'heal':
      cluster.heal()
      break
    case 'freeze':
    case 'thaw':
      cluster.freeze(a, what === 'freeze')
      break
    case 'kill':
      if (cluster.member(a).alive) cluster.kill(a)
      break
    case 'start':
      if (!cluster.member(a).alive) cluster.start(a)
      break
    case 'sick':
    case 'well':
      cluster.member(a).healthy = what === 'well'
      break
    case 'hold':
      cluster.send(a, { kind: 'hold', instances: [], until: undefined })
      break
    default:
      cluster.send(a, { kind: 'back', instances: [] })
  }
  return `${what} ${a} ${b}`
}

function calm(cluster: Cluster, names: readonly string[]): void {
  cluster.heal()
  for (const name of names) {
    cluster.freeze(name, false)
    cluster.member(name).healthy = true
    if (!cluster.member(name).alive) cluster.start(name)
    cluster.send(name, { kind: 'back', instances: [] })
  }
}
