import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineDeadline } from '../../../src/engine/core/core.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { createNode, instance, planFor } from './support.ts'

const STATE = /^(vrrp\.state|instance\.(state|flaps))$/
const linesOf = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) =>
    action.kind === 'log' && STATE.test(action.record.code) ? [`${action.record.code} ${action.record.message}`] : [],
  )

/** A node whose interface comes and goes. */
function node() {
  const box = createNode(planFor('web1', [instance({ track: [] })]))
  box.ready()
  const link = (up: boolean) =>
    linesOf(box.send({ kind: 'link', link: { interface: 'eth0', up, detail: up ? 'eth0 is up' : 'eth0 is down' } }))
  return { ...box, link, flap: (times: number) => Array.from({ length: times }, () => [...link(false), ...link(true)]) }
}

test('changes in calm times each have their line at once', () => {
  const box = node()
  for (let minute = 1; minute < 30; minute += 1) {
    box.run(60 * minute)
    assert.deepEqual([box.link(false).length, box.link(true).length], [1, 1])
  }
})

test('a state that flaps has few lines, and is summed up each minute with the state as it is', () => {
  const box = node()
  const lines = box.flap(2_000).flat()
  assert.equal(lines.length, 19, 'ten of each kind, the start among them')
  box.run(0)
  assert.equal(engineDeadline(box.state()), fromSeconds(3.414_062_5))
  box.run(4)
  const before = box.actions.length
  box.run(61)
  assert.deepEqual(linesOf(box.actions.slice(before)), [], 'the claim at 3.4 s had the sum in its line')
  const claim = linesOf(box.actions).at(-1)
  assert.match(claim ?? '', /^vrrp\.state BACKUP -> MASTER: .* \(after 3981 changes of state that have no line\)$/)
  box.flap(100)
  box.link(false)
  box.run(121)
  assert.match(
    linesOf(box.actions).at(-1) ?? '',
    /^instance\.flaps the state flaps: 199 changes in 1m 0s have no line; FAULT now: eth0 is down$/,
  )
})
