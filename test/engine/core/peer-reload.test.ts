import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineDeadline, engineTransition } from '../../../src/engine/core/core.ts'
import { planReload } from '../../../src/engine/core/reload.ts'
import type { EngineAction, EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import { fromSeconds, plus } from '../../../src/shared/units.ts'
import { createWorld, type World } from '../../sim/peers/world.ts'

/** What web2 does in the seconds after a reload that takes the channel away. */
function withoutChannel(world: World): { state: EngineState; done: EngineAction[]; steps: number } {
  const box = world.box('web2')
  const next: NodePlan = { ...box.plan(), channel: undefined }
  const begun = box.localNow()
  const reload = planReload(box.plan(), next, box.state(), begun)
  const done: EngineAction[] = [...reload.actions]
  let { state } = reload
  let steps = 0
  const end = plus(begun, fromSeconds(10))
  for (let at = begun; at <= end && steps < 500; steps += 1) {
    const step = engineTransition(next, state, { kind: 'timer', now: at })
    state = step.state
    done.push(...step.actions)
    const deadline = engineDeadline(state) ?? end
    at = deadline > at ? deadline : at
    if (deadline > end) break
  }
  return { state, done, steps }
}

test('a backup that was held back by the channel claims by VRRP when there is none any more', async () => {
  const world = createWorld()
  world.startAll()
  await world.run(8)
  world.wires.cut('web1', 'web2', 'advert')
  await world.run(8)
  assert.equal(world.box('web2').state().instances.get('www')?.peer.blocked, true)
  const { done, steps } = withoutChannel(world)
  assert.ok(done.some((action) => action.kind === 'router' && action.action.kind === 'bind'))
  assert.ok(steps < 200, `${steps} timers`)
})

test('addresses that were bound for a move go again', async () => {
  const world = createWorld({ kernel: () => fromSeconds(0.03) })
  world.startAll()
  await world.run(8)
  world.send('web1', { kind: 'hold', instances: [], until: undefined })
  await world.run(0.02)
  assert.equal(world.box('web2').state().instances.get('www')?.peer.move?.side, 'in')
  const { state, done } = withoutChannel(world)
  assert.equal(state.instances.get('www')?.peer.move, undefined)
  assert.ok(done.some((action) => action.kind === 'router' && action.action.kind === 'unbind'))
})
