import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EngineAction, NodePlan } from '../../../src/engine/core/types.ts'
import { fromSeconds, type Micros, plus } from '../../../src/shared/units.ts'
import { createNode, instance, planFor, WEB2 } from './support.ts'

type Node = ReturnType<typeof createNode>

const started = (plan: NodePlan = planFor('web1')): Node => {
  const box = createNode(plan)
  box.ready()
  box.run(5)
  return box
}

/** Lines about holds: `www hold.begun: ...`. */
const said = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) => {
    if (action.kind !== 'log' || !action.record.code.startsWith('hold.')) return []
    return [`${action.record.code}: ${action.record.message}`]
  })

const later = (box: Node, seconds: number): Micros => plus(box.now(), fromSeconds(seconds))

describe('what is said of a hold', () => {
  test('its begin, and that it was taken back', () => {
    const box = started()
    assert.deepEqual(said(box.send({ kind: 'hold', instances: [], until: undefined })), [
      'hold.begun: handed over by an administrator, stays behind with priority 1 until "haup failover --back"',
    ])
    assert.match(box.state().instances.get('www')?.cause ?? '', /^stepped back: handed over by an administrator$/)
    assert.deepEqual(said(box.advert(WEB2, 100)), [], 'an answer is no news')
    assert.deepEqual(said(box.send({ kind: 'back', instances: [] })), [
      'hold.back: no longer handed over: takes part again with its own priority',
    ])
    assert.deepEqual(said(box.send({ kind: 'back', instances: [] })), [], 'there was nothing to take back')
  })

  test('that its time has passed', () => {
    const box = started()
    const begun = said(box.send({ kind: 'hold', instances: [], until: later(box, 2) }))
    assert.match(begun.join(), /with priority 1 for 2s$/)
    box.advert(WEB2, 100)
    box.run(7.5)
    assert.deepEqual(said(box.actions).slice(1), [
      'hold.over: the time of the hand-over has passed: takes part again with its own priority',
    ])
  })

  test('that nobody took over', () => {
    const box = started()
    box.send({ kind: 'hold', instances: [], until: undefined })
    box.run(10)
    assert.deepEqual(said(box.actions).slice(1), [
      'hold.unanswered: nobody took over: takes part again with its own priority',
    ])
  })

  test('an owner stays out, and says why', () => {
    const box = started(planFor('web1', [instance({ priority: { web1: 255, web2: 100 } })]))
    const actions = box.send({ kind: 'hold', instances: [], until: undefined })
    assert.match(said(actions).join(), /stays out of the election until/)
    assert.match(box.state().instances.get('www')?.cause ?? '', /^left the election: handed over by an administrator$/)
  })
})

test('a hold of an earlier life goes on, also when nobody is heard at first', () => {
  const box = createNode(planFor('web1'))
  const actions = box.send({ kind: 'hold', instances: ['www'], until: fromSeconds(60), since: fromSeconds(-100) })
  assert.match(said(actions).join(), /^hold.restored: .* before the engine started, still stays behind .* for 1m 0s$/)
  box.ready()
  box.run(10)
  assert.equal(box.shown().state, 'MASTER', 'nobody else is there')
  assert.equal(box.priority(), 1)
  box.run(61)
  assert.equal(box.priority(), 150)
})

describe('services of held instances', () => {
  const paused = (box: Node) => box.state().services.get('web')?.paused

  test('are left to the administrator until the hold ends', () => {
    const box = started()
    box.send({ kind: 'hold', instances: [], until: undefined })
    assert.equal(paused(box), true)
    box.send({ kind: 'back', instances: [] })
    assert.equal(paused(box), false)
  })

  test('but not as long as another instance lives by them', () => {
    const box = started(planFor('web1', [instance(), instance({ name: 'api', vrid: 78 })]))
    box.send({ kind: 'hold', instances: ['api'], until: undefined })
    assert.equal(paused(box), false)
    box.send({ kind: 'hold', instances: ['www'], until: undefined })
    assert.equal(paused(box), true)
  })
})

describe('standby', () => {
  test('is said as such, and stays when nobody takes over: this node is the last resort', () => {
    const box = started()
    const begun = said(box.send({ kind: 'hold', instances: [], until: undefined, standby: true }))
    assert.deepEqual(begun, [
      'hold.begun: put on standby by an administrator, stays behind with priority 1 until "haup resume"',
    ])
    box.run(15)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(box.priority(), 1)
    assert.deepEqual(said(box.send({ kind: 'back', instances: [] })), [
      'hold.back: no longer on standby: takes part again with its own priority',
    ])
  })

  test('its time passes', () => {
    const box = started()
    box.send({ kind: 'hold', instances: [], until: later(box, 2), standby: true })
    box.advert(WEB2, 100)
    box.run(7.5)
    assert.match(said(box.actions).at(-1) ?? '', /^hold.over: the time of the standby has passed/)
  })

  test('follows a hand-over, and is said', () => {
    const box = started()
    box.send({ kind: 'hold', instances: [], until: undefined })
    box.advert(WEB2, 100)
    const begun = said(box.send({ kind: 'hold', instances: [], until: undefined, standby: true, since: box.now() }))
    assert.match(begun.join(), /on standby/)
  })
})
