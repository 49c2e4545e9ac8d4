import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorld } from '../../sim/peers/world.ts'
import { ROWS } from './decision-rows.ts'
import { isolate } from './decision-rows-support.ts'

for (const { row, options, happens, holds, gap } of ROWS) {
  test(row, async () => {
    const world = createWorld({ paths: 1, ...options })
    world.startAll()
    await world.run(8)
    const story = (): string => world.lines.slice(-30).join('\n')
    assert.deepEqual(world.accepting(), ['web1'], story())
    const from = world.now()
    const told = world.lines.length
    await happens(world)
    await world.run(25)
    assert.deepEqual(world.accepting(), holds, story())
    const seen = world.since(from)
    assert.deepEqual(seen.doubles, [], story())
    assert.ok(seen.gap <= gap, `nobody for ${seen.gap} ms\n${story()}`)
    const claims = world.lines.slice(told).filter((line) => line.includes(' -> MASTER'))
    assert.ok(claims.length <= 3, `claimed again and again\n${story()}`)
  })
}

test('P0 all paths lost, no arbiter, no majority: each side holds; after the heal one does', async () => {
  const world = createWorld({ paths: 1 })
  world.startAll()
  await world.run(8)
  isolate(world, 'web1')
  await world.run(10)
  assert.deepEqual(world.accepting(), ['web1', 'web2'])
  world.wires.heal()
  await world.run(5)
  assert.deepEqual(world.accepting(), ['web1'], world.lines.slice(-30).join('\n'))
})

test('an owner hands over, too, and says nothing as master while the other one opens', async () => {
  const world = createWorld({ instances: [{ priority: { web1: 255, web2: 100 } }] })
  world.startAll()
  await world.run(8)
  const from = world.now()
  world.send('web1', { kind: 'leave' })
  await world.run(3)
  assert.equal(world.box('web1').state().instances.get('www')?.router.phase.kind, 'backup')
  assert.deepEqual(world.accepting(), ['web2'], world.lines.slice(-20).join('\n'))
  assert.deepEqual(world.since(from).doubles, [])
  assert.ok(world.since(from).gap <= 10, `${world.since(from).gap} ms`)
})
