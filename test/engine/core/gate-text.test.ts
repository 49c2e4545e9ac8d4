import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateStatus, gateWarnings } from '../../../src/engine/core/gate-text.ts'
import type { EngineState, InstanceRuntime } from '../../../src/engine/core/types.ts'
import { type Cluster, createCluster } from './cluster.ts'

const settled = (): Cluster => {
  const cluster = createCluster()
  cluster.startAll()
  cluster.run(10)
  return cluster
}

const look = (cluster: Cluster, name: string, change: Partial<InstanceRuntime['gate']> = {}, fenced = true) => {
  const { plan, state: before } = cluster.member(name)
  const [instance] = plan.instances
  const was = before.instances.get('www')
  assert.ok(instance !== undefined && was !== undefined)
  const runtime = { ...was, gate: { ...was.gate, ...change } }
  const state: EngineState = { ...before, fenced, instances: new Map([['www', runtime]]) }
  return {
    gate: gateStatus(instance, runtime, state, cluster.now()),
    warnings: gateWarnings(plan, state, cluster.now()).map(({ message }) => message),
  }
}

test('a healthy pair: open where the addresses are, and nothing to say', () => {
  const cluster = settled()
  assert.deepEqual(look(cluster, 'web1'), { gate: 'open', warnings: [] })
  assert.deepEqual(look(cluster, 'web2'), { gate: null, warnings: [] })
})

test('a closed gate names its one cause', () => {
  const cluster = settled()
  const said = (change: Partial<InstanceRuntime['gate']>) =>
    look(cluster, 'web1', { open: undefined, ...change }).warnings.join()
  const none = 'www: this node holds the addresses and serves nobody: '
  assert.equal(said({}), `${none}the gate is closed: no advert could be sent for too long`)
  assert.equal(said({ limited: 'web2 does not acknowledge' }), `${none}the gate is closed: web2 does not acknowledge`)
  assert.equal(said({ failing: 'EPERM', limited: 'x' }), `${none}the kernel does not open the gate: EPERM`)
})

test('what is not bound yet, or not fenced, is not closed', () => {
  const cluster = settled()
  assert.deepEqual(look(cluster, 'web1', { open: undefined, wanted: false }), { gate: null, warnings: [] })
  assert.deepEqual(look(cluster, 'web1', { open: undefined }, false), { gate: 'off', warnings: [] })
})

test('a planned move alarms nobody', () => {
  const cluster = settled()
  cluster.send('web1', { kind: 'hold', instances: [], until: undefined })
  for (let step = 0; step < 300; step += 1) {
    cluster.run(0.01)
    for (const name of ['web1', 'web2']) assert.deepEqual(look(cluster, name).warnings, [], `${name} after ${step}`)
  }
  assert.deepEqual(cluster.accepting(), ['web2'])
})
