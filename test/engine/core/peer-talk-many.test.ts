import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineTransition } from '../../../src/engine/core/core.ts'
import { TOGETHER } from '../../../src/engine/core/spread.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import { fromMillis, plus } from '../../../src/shared/units.ts'
import { createWorld } from '../../sim/peers/world.ts'

/** Many instances: each has its turn, few have it at one instant, and one that changes does not bring the others along. */

const COUNT = 48

async function settled() {
  const world = createWorld({ instances: Array.from({ length: COUNT }, () => ({})) })
  world.startAll()
  await world.run(9)
  const { plan, state } = sideOf(world, 'web1')
  const kinds = plan.instances.map(({ name }) => state.instances.get(name)?.router.phase.kind)
  assert.deepEqual(new Set(kinds), new Set(['master']))
  return world
}

type World = ReturnType<typeof createWorld>
const sideOf = (world: World, node: string) => ({ plan: world.box(node).plan(), state: world.box(node).state() })

/** What a node says by its timers alone in so many seconds: the names in each report. */
function saidBy(world: World, node: string, seconds: number): readonly (readonly string[])[] {
  const { plan, state: begun } = sideOf(world, node)
  const reports: string[][] = []
  let state = begun
  for (let at = 0; at < 1_000 * seconds; at += 5) {
    const step = engineTransition(plan, state, { kind: 'timer', now: plus(world.now(), fromMillis(at)) })
    state = step.state
    for (const action of step.actions) {
      if (action.kind === 'say') reports.push(action.report.instances.map(({ name }) => name))
    }
  }
  return reports
}

test('each instance is told of in each interval, and few of them at one instant', async () => {
  const world = await settled()
  for (const node of ['web1', 'web2']) {
    const reports = saidBy(world, node, 2)
    const counts = new Map<string, number>()
    for (const name of reports.flat()) counts.set(name, (counts.get(name) ?? 0) + 1)
    assert.equal(counts.size, COUNT, node)
    // Nobody answers here, so that votes are asked for, too: once a turn and some of the next.
    assert.ok(
      Math.max(...reports.map(({ length }) => length)) <= 2 * TOGETHER,
      `${node}: ${reports.map(({ length }) => length)}`,
    )
  }
})

test('what has changed is told at once, and of nothing else', async () => {
  const world = await settled()
  const { plan, state } = sideOf(world, 'web2')
  const step = engineTransition(plan, state, { kind: 'reach', now: world.now(), instance: 'www33', lan: 'reached' })
  const told = step.actions.flatMap((action: EngineAction) => (action.kind === 'say' ? action.report.instances : []))
  assert.deepEqual(
    told.map(({ name, lan }) => [name, lan]),
    [['www33', 'reached']],
  )
})

test('a report concerns the instances that it tells of', async () => {
  const world = await settled()
  const { plan, state } = sideOf(world, 'web1')
  const facts = state.peers.get('web2')
  assert.ok(facts?.head !== undefined && facts.provenAt !== undefined && facts.order !== undefined)
  const row = facts.instances.get('www5') ?? assert.fail()
  const step = engineTransition(plan, state, {
    kind: 'peer-heard',
    now: world.now(),
    node: 'web2',
    path: 'lan',
    report: { ...facts.head, instances: [row.says], services: [] },
    provenAt: facts.provenAt,
    order: { ...facts.order, counter: facts.order.counter + 1 },
  })
  assert.deepEqual(
    step.touched.map(({ name }) => name),
    ['www5'],
  )
})

test('the other box takes all over in time, and each one keeps to its own adverts', async () => {
  const world = await settled()
  const from = world.now()
  world.box('web1').die(false)
  await world.run(4)
  const { state, plan } = sideOf(world, 'web2')
  const phases = plan.instances.map(({ name }) => state.instances.get(name)?.router.phase)
  assert.ok(phases.every((phase) => phase?.kind === 'master'))
  const instants = new Set(phases.map((phase) => (phase?.kind === 'master' ? phase.advertAt % 1_000_000 : 0)))
  assert.ok(instants.size >= COUNT / TOGETHER, `${instants.size} instants`)
  assert.deepEqual(world.since(from).doubles, [])
})
