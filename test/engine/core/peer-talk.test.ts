import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineTransition } from '../../../src/engine/core/core.ts'
import type { EngineAction, EngineEvent } from '../../../src/engine/core/types.ts'
import { fromMillis, type Micros, micros, plus } from '../../../src/shared/units.ts'
import { createCluster } from './cluster.ts'

type Say = Extract<EngineAction, { kind: 'say' }>
type WithoutTime<E> = E extends unknown ? Omit<E, 'now'> : never

/** The backup of three nodes that know each other, taken out of its cluster: what it says at each event that it is given. */
function settledBackup() {
  const cluster = createCluster({ nodes: 3 })
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  const { plan, state: settled } = cluster.member('web2')
  let state = settled
  const give = (now: Micros, event: WithoutTime<EngineEvent>): readonly Say[] => {
    const step = engineTransition(plan, state, { ...event, now } as EngineEvent)
    state = step.state
    return step.actions.filter((action) => action.kind === 'say')
  }
  const nextAt = (): Micros => {
    return state.talk?.rows.get('www')?.nextAt ?? assert.fail()
  }
  return { now: cluster.now(), give, nextAt }
}

const lanIn = (says: readonly Say[]): readonly (string | undefined)[] =>
  says.map(({ report }) => report.instances[0]?.lan)

test('a report that did not change is not said before it is due, whatever happens; then once, to all', () => {
  const { now, give, nextAt } = settledBackup()
  const dueAt = nextAt()
  assert.ok(dueAt > now)
  assert.deepEqual(give(now, { kind: 'peer-path', node: 'web3', path: 'lan' }), [])
  assert.deepEqual(give(now, { kind: 'witness', name: 'gateway', lost: undefined }), [])
  assert.deepEqual(give(micros(dueAt - 1), { kind: 'timer' }), [])
  const says = give(dueAt, { kind: 'timer' })
  assert.deepEqual(
    says.map(({ nodes }) => nodes),
    [['web1', 'web3']],
  )
  assert.deepEqual(give(dueAt, { kind: 'timer' }), [])
  assert.ok(nextAt() > dueAt)
})

test('a report that changed by an event is said at once', () => {
  const { now, give, nextAt } = settledBackup()
  assert.ok(nextAt() > now)
  assert.deepEqual(lanIn(give(now, { kind: 'reach', instance: 'www', lan: 'reached' })), ['reached'])
  assert.deepEqual(give(now, { kind: 'reach', instance: 'www', lan: 'reached' }), [])
})

test('a report that changed by time alone is said at that time, before it is due', () => {
  const { now, give, nextAt } = settledBackup()
  assert.deepEqual(lanIn(give(now, { kind: 'reach', instance: 'www', lan: 'reached' })), ['reached'])
  const repeatedAt = nextAt()
  assert.deepEqual(lanIn(give(repeatedAt, { kind: 'timer' })), ['reached'])
  // For so long the answer counts (peer-view.ts).
  const endsAt = plus(now, fromMillis(2_000))
  assert.ok(endsAt > repeatedAt && endsAt < nextAt())
  assert.deepEqual(give(micros(endsAt - 1), { kind: 'timer' }), [])
  assert.deepEqual(lanIn(give(endsAt, { kind: 'timer' })), ['unknown'])
  assert.deepEqual(give(endsAt, { kind: 'timer' }), [])
})

test('what an engine says last is said twice, to all', () => {
  const { now, give } = settledBackup()
  const says = give(now, { kind: 'stop', reason: 'SIGTERM' })
  assert.deepEqual(
    says.map(({ nodes, report }) => [nodes, report.leaving]),
    [
      [['web1', 'web3'], true],
      [['web1', 'web3'], true],
    ],
  )
})

test('that the addresses are gone is said twice: the others wait for it, and one of them may be lost', () => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  const { plan, state } = cluster.member('web1')
  const link = { interface: 'eth0', up: false, detail: 'interface eth0 does not exist' }
  const out = engineTransition(plan, state, { kind: 'link', now: cluster.now(), link })
  const gone = engineTransition(plan, out.state, { kind: 'let-go', now: cluster.now(), instance: 'www' })
  const holding = ({ actions }: typeof out) =>
    actions.flatMap((action) => (action.kind === 'say' ? action.report.instances.map((each) => each.holding) : []))
  assert.deepEqual([holding(out), holding(gone)], [[true], [false, false]])
})
