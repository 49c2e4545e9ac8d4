import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lanWarnings } from '../../../src/engine/core/lan-text.ts'
import { createNode, planFor, WEB2 } from './support.ts'

const plan = planFor('web1')

const master = () => {
  const box = createNode(plan)
  box.ready()
  box.run(4)
  assert.equal(box.shown().state, 'MASTER')
  /** Adverts of a lower master each second, up to then. */
  const hear = (until: number, priority = 100, from = WEB2): void => {
    for (let at = Math.ceil(box.now() / 1e6); at <= until; at += 1) {
      box.run(at)
      box.advert(from, priority)
    }
  }
  const warnings = (): string[] => lanWarnings(plan, box.state(), box.now()).map(({ code }) => code)
  const said = (): string[] =>
    box.actions.flatMap((action) =>
      action.kind === 'log' && action.record.code === 'lan.two-masters' ? action.record.message : [],
    )
  return { ...box, hear, warnings, said }
}

test('a master that goes on hearing another one warns, once in the log, until it has ended', () => {
  const box = master()
  box.hear(6)
  assert.deepEqual([box.warnings(), box.said()], [[], []], 'two adverts may cross a move')
  box.hear(30)
  assert.deepEqual(box.warnings(), ['lan.two-masters'])
  assert.equal(box.said().length, 1)
  assert.match(box.said()[0] ?? '', /^web2 \(192\.0\.2\.12\) goes on advertising as master with priority 100 beside/)
  box.run(33.5)
  assert.deepEqual(box.warnings(), [])
})

test('one that says it again after a pause is not said again before this node has changed its state', () => {
  const box = master()
  box.hear(10)
  box.run(60)
  box.hear(70)
  assert.deepEqual(box.warnings(), ['lan.two-masters'])
  assert.equal(box.said().length, 1)
})

test('adverts of a stranger between those of the other master hide nothing; priority 0 is no master', () => {
  const box = master()
  for (let at = 4; at <= 12; at += 1) {
    box.run(at)
    box.advert(WEB2, 100)
    box.advert('192.0.2.99' as typeof WEB2, 90)
  }
  assert.match(box.said().join(), /web2/)
  const quiet = master()
  quiet.hear(20, 0)
  assert.deepEqual(quiet.warnings(), [])
})

test('a backup that hears its master has nothing to warn of', () => {
  const box = createNode(plan)
  box.ready()
  for (let at = 1; at <= 10; at += 1) {
    box.run(at)
    box.advert(WEB2, 200)
  }
  assert.deepEqual(lanWarnings(plan, box.state(), box.now()), [])
})
