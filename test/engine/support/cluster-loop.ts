import assert from 'node:assert/strict'
import type { ControlResponse, FailoverOutcome } from '../../../src/control/messages.ts'
import type { EngineEvent } from '../../../src/engine/core/types.ts'
import { type FailoverRequest, handleFailover } from '../../../src/engine/failover.ts'
import type { Listener } from '../../../src/engine/loop.ts'
import { fromMillis } from '../../../src/shared/units.ts'
import { type Cluster, createCluster } from '../core/cluster.ts'
import type { ClusterOptions } from '../core/cluster-parts.ts'

/** One node of a simulated cluster as the commands see it; whoever waits is told each hundredth of a second. */
export function commandsOn(cluster: Cluster, name: string) {
  const listeners = new Set<Listener>()
  const tell = (): void => {
    const { state, plan } = cluster.member(name)
    for (const listener of listeners) listener(state, plan.instances)
  }
  const loop = {
    dispatch: (event: EngineEvent) => {
      cluster.send(name, event)
      tell()
    },
    state: () => cluster.member(name).state,
    watch: (listener: Listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    plan: () => cluster.member(name).plan,
  }
  const clock = { now: cluster.now, wakeAt: () => {}, after: () => () => {} }
  const wallClock = (): Date => new Date('2026-03-01T12:00:00.000Z')
  const run = (seconds: number): void => {
    for (let step = 0; step < seconds * 100; step++) {
      cluster.run(0.01)
      tell()
    }
  }
  /** The answer to a request, after so many seconds of the cluster's time. */
  const ask = (request: FailoverRequest, seconds: number) => {
    const asked = handleFailover({ loop, clock, wallClock }, request)
    run(seconds)
    return asked
  }
  return { ask, run }
}

/** The commands wait by the real clock for as long as adverts ask for. */
export const FAST: ClusterOptions = { instance: { advertInterval: fromMillis(100) } }

export function settled(options: ClusterOptions = FAST): Cluster {
  const cluster = createCluster(options)
  cluster.startAll()
  cluster.run(10)
  assert.deepEqual(cluster.accepting(), ['web1'], cluster.lines.join('\n'))
  return cluster
}

export const failover = { kind: 'failover', instances: [], hold_ms: null } as const satisfies FailoverRequest
export const standby = { kind: 'standby', hold_ms: null } as const satisfies FailoverRequest
export const strict = { ...standby, strict: true } as const satisfies FailoverRequest

export function only(response: ControlResponse): FailoverOutcome {
  assert.ok(response.ok && 'outcomes' in response, JSON.stringify(response))
  const [first] = response.outcomes
  assert.ok(first)
  return first
}
