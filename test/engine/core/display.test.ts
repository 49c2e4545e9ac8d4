import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import { createNode, planFor, WEB2 } from './support.ts'

const stateLines = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) =>
    action.kind === 'log' && /state$/.test(action.record.code)
      ? [`${action.record.level} ${action.record.code} ${action.record.message}`]
      : [],
  )

test('a fault that leaves the router as it is has a line with its reason, and so has its end', () => {
  const box = createNode(planFor('web1'))
  box.send({ kind: 'start' })
  const failed = box.send({ kind: 'socket', interface: 'eth0', error: 'no VRRP socket on eth0: EPERM' })
  assert.deepEqual(stateLines(failed), [], 'no link yet: it waits')
  const up = box.send({ kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
  assert.deepEqual(stateLines(up), ['error instance.state INIT -> FAULT: no VRRP socket on eth0: EPERM'])
  const again = box.send({ kind: 'socket', interface: 'eth0', error: 'no VRRP socket on eth0: EPERM' })
  assert.deepEqual(stateLines(again), [], 'said once')
  const open = box.send({ kind: 'socket', interface: 'eth0', error: undefined })
  assert.match(stateLines(open).join(), /^info instance\.state FAULT -> INIT: waiting for the first verdict/)
})

test('a backup whose service fails stays a backup for its peers, and its line says FAULT', () => {
  const box = createNode(planFor('web1'))
  box.ready()
  box.advert(WEB2, 200)
  const before = box.actions.length
  box.run(2.5, false)
  assert.match(
    stateLines(box.actions.slice(before)).join('\n'),
    /^error instance\.state BACKUP -> FAULT: web: .*refused/,
  )
})

test('a change that the router tells of has one line', () => {
  const box = createNode(planFor('web1'))
  box.ready()
  const before = box.actions.length
  box.run(4)
  assert.equal(stateLines(box.actions.slice(before)).length, 1)
  const down = box.send({ kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 has no carrier' } })
  assert.deepEqual(stateLines(down), ['info vrrp.state MASTER -> INIT: left the election: eth0 has no carrier'])
})
