import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NotifyConfig } from '../../../src/config/types.ts'
import {
  enqueue,
  type NotifyChange,
  type NotifyCommand,
  type NotifyPaces,
  nextChange,
  notifyChanges,
  notifyStop,
} from '../../../src/engine/core/notify.ts'
import { summarize } from '../../../src/engine/core/summary.ts'
import type { EngineState, NodePlan } from '../../../src/engine/core/types.ts'
import { fromSeconds, type Micros } from '../../../src/shared/units.ts'
import { createNode, instance, planFor } from './support.ts'

const notifyWith = (changes: Partial<NotifyConfig>): NotifyConfig => ({
  on: { master: undefined, backup: undefined, fault: undefined, stop: undefined },
  any: undefined,
  timeout: fromSeconds(10),
  user: undefined,
  ...changes,
})
const every = notifyWith({
  on: { master: ['m'], backup: ['b'], fault: ['f'], stop: ['s'] },
  any: ['/any', 'own'],
  user: 'nobody',
})

/** What is told while `act` happens to a node that has just become master. */
function toldWhile(plan: NodePlan, act: (node: ReturnType<typeof createNode>) => void): string[] {
  const node = createNode(plan)
  const seen: NotifyCommand[] = []
  let before: EngineState = node.state()
  const look = (): void => {
    seen.push(...notifyChanges(plan, before, node.state()).flatMap(({ commands }) => commands))
    before = node.state()
  }
  node.ready()
  node.run(2)
  look()
  node.run(6)
  look()
  act(node)
  look()
  return seen.map(({ argv }) => argv.join(' '))
}

test('each change is told once: the command of the state, then the one for all with its arguments', () => {
  const plan = planFor('web1', [instance({ notify: every })])
  const told = toldWhile(plan, (node) => {
    node.run(20, false)
  })
  assert.deepEqual(told.slice(0, 4), ['b', '/any own INSTANCE www BACKUP 150', 'm', '/any own INSTANCE www MASTER 150'])
  assert.equal(told.length, 4, 'the last one that is left keeps the address, whatever its service does')
})

test('a fault is told with the priority that it leaves', () => {
  const plan = planFor('web1', [instance({ notify: every })])
  const told = toldWhile(plan, (node) =>
    node.send({ kind: 'link', link: { interface: 'eth0', up: false, detail: 'down' } }),
  )
  assert.deepEqual(told.slice(4, 5), ['f'])
  assert.match(told[5] ?? '', /^\/any own INSTANCE www FAULT \d+$/)
})

test('what is told of all comes after the own; nothing configured, nothing told', () => {
  const plan = planFor('web1', [instance({ notify: notifyWith({ on: { ...every.on, backup: undefined } }) })])
  const both = {
    ...plan,
    instances: plan.instances.map((each) => ({ ...each, notify: [...each.notify, notifyWith({ any: ['/all'] })] })),
  }
  assert.deepEqual(
    toldWhile(both, () => undefined),
    ['/all INSTANCE www BACKUP 150', 'm', '/all INSTANCE www MASTER 150'],
  )
  assert.deepEqual(
    toldWhile(planFor('web1'), () => undefined),
    [],
  )
})

test('commands know their instance, state and priority by their environment, and have user and timeout', () => {
  const plan = planFor('web1', [instance({ notify: every })])
  const [command] = notifyStop(plan, createNode(plan).state()).flatMap(({ commands }) => commands)
  assert.deepEqual(command, {
    instance: 'www',
    state: 'stop',
    argv: ['s'],
    env: { HAUP_INSTANCE: 'www', HAUP_STATE: 'STOP', HAUP_PRIORITY: '150' },
    timeout: fromSeconds(10),
    user: 'nobody',
  })
})

test('while the engine stops no change is told; the stop is told at its end', () => {
  const plan = planFor('web1', [instance({ notify: every })])
  const told = toldWhile(plan, (node) => node.send({ kind: 'stop', reason: 'SIGTERM' }))
  assert.equal(told.length, 4)
})

const change = (instance: string, state: NotifyCommand['state']): NotifyChange => ({
  instance,
  about: 'state',
  commands: [{ ...{ instance, state, argv: [state], env: {} }, ...{ timeout: fromSeconds(1), user: undefined } }],
})
const told = (changes: readonly NotifyChange[]): string[] =>
  changes.flatMap(({ commands }) => commands.map(({ instance, state }) => `${instance} ${state}`))

test('of one instance the newest change waits, in the place of the one before', () => {
  const { waiting, dropped } = enqueue(
    [change('www', 'master'), change('api', 'fault')],
    [change('www', 'backup'), change('db', 'master'), change('www', 'master')],
  )
  assert.deepEqual(told(waiting), ['www master', 'api fault', 'db master'])
  assert.deepEqual(told(dropped), ['www master', 'www backup'])
})

test('a state that flaps is told five times at once, then each second; other instances do not wait for it', () => {
  let paces: NotifyPaces = new Map()
  const runs: string[] = []
  const look = (now: Micros) => {
    const next = nextChange([change('www', 'master'), change('api', 'master')], paces, now)
    if (next.change === undefined) return next.again
    paces = next.paces
    runs.push(...told([next.change]))
    return undefined
  }
  for (let run = 0; run < 10; run += 1) assert.equal(look(fromSeconds(100)), undefined)
  assert.deepEqual(runs, [...Array(5).fill('www master'), ...Array(5).fill('api master')])
  assert.equal(look(fromSeconds(100.25)), fromSeconds(101))
  assert.equal(look(fromSeconds(101)), undefined)
  assert.equal(runs.length, 11)
})

test('the state of all instances in one line, with the reason of a fault', () => {
  const plan = planFor('web1', [instance(), instance({ name: 'api', vrid: 78 })])
  const node = createNode(plan)
  assert.equal(summarize(plan, node.state()), 'www INIT, api INIT')
  node.ready()
  node.run(6)
  assert.equal(summarize(plan, node.state()), 'www MASTER, api MASTER')
  node.send({ kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 is down' } })
  assert.equal(summarize(plan, node.state()), 'www FAULT (eth0 is down), api FAULT (eth0 is down)')
})

test('what is told of the redundancy takes no place of what is told of the state, and none of all states has it', () => {
  const lost: NotifyChange = { ...change('www', 'redundancy_lost'), about: 'redundancy' }
  assert.deepEqual(told(enqueue([change('www', 'master')], [lost]).waiting), ['www master', 'www redundancy_lost'])
  const back: NotifyChange = { ...change('www', 'redundancy_back'), about: 'redundancy' }
  assert.deepEqual(told(enqueue([lost], [back, change('www', 'backup')]).waiting), [
    'www redundancy_back',
    'www backup',
  ])
})
