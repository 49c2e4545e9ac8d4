import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { engineTransition } from '../../../src/engine/core/core.ts'
import type { EngineEvent, EngineStep } from '../../../src/engine/core/types.ts'
import { fromSeconds, type Micros, plus } from '../../../src/shared/units.ts'
import { createRandom } from '../../sim/random.ts'
import { createCluster } from './cluster.ts'
import { createNode, instance, planFor, WEB2 } from './support.ts'

const plan = planFor('web1', [
  instance(),
  instance({ name: 'api', vrid: 78, track: [] }),
  instance({ name: 'mail', vrid: 79, track: [] }),
])

/** Started, with a good service; what is touched by one more event. */
function settled() {
  const node = createNode(plan)
  node.ready()
  node.run(2)
  const touched = (event: { readonly kind: EngineEvent['kind'] } & Record<string, unknown>, later = 0): string[] =>
    engineTransition(plan, node.state(), {
      ...event,
      now: plus(node.now(), fromSeconds(later)),
    } as EngineEvent).touched.map(({ name }) => name)
  return { node, touched }
}

describe('an event touches', () => {
  test('the instance that it names', () => {
    const { touched } = settled()
    assert.deepEqual(touched({ kind: 'lan-probe', instance: 'api' }), ['api'])
    assert.deepEqual(touched({ kind: 'back', instances: ['mail', 'www'] }), ['www', 'mail'])
    assert.deepEqual(touched({ kind: 'lan-probe', instance: 'nobody' }), [])
  })

  test('all that depend on the box', () => {
    const { touched } = settled()
    const all = ['www', 'api', 'mail']
    assert.deepEqual(touched({ kind: 'back', instances: [] }), all)
    assert.deepEqual(touched({ kind: 'stop', reason: 'SIGTERM' }), all)
    assert.deepEqual(touched({ kind: 'leave' }), all)
    assert.deepEqual(touched({ kind: 'addresses', seen: [] }), all)
    assert.deepEqual(touched({ kind: 'witness', name: 'gateway', lost: 'no answer' }), all)
    assert.deepEqual(touched({ kind: 'arp-ready', ready: true }), all)
    assert.deepEqual(touched({ kind: 'arp-ready', ready: false }), [], 'as before')
  })

  test('of a service only those that track it, and only when they have to know', () => {
    const { touched, node } = settled()
    const probed = (ok: boolean) => ({
      kind: 'probed' as const,
      service: 'web',
      results: [{ probe: 'tcp', ok, detail: '', took: 0 as Micros }],
    })
    node.send({ kind: 'timer' })
    assert.deepEqual(touched(probed(true)), [])
    assert.deepEqual(touched(probed(false)), [], 'one bad round is no verdict')
    node.run(3.5, false)
    assert.equal(node.state().services.get('web')?.verdict, 'failed')
    assert.equal(node.shown('www').state, 'FAULT')
    assert.equal(node.shown('api').state, 'MASTER')
  })

  test('by time those alone whose own time has come', () => {
    const { touched, node } = settled()
    node.advert(WEB2, 200, 'api')
    node.advert(WEB2, 200, 'mail')
    assert.deepEqual(touched({ kind: 'timer' }), [])
    assert.deepEqual(touched({ kind: 'timer' }, 1.9), ['www'], 'has heard nobody for longest')
    assert.deepEqual(touched({ kind: 'timer' }, 4), ['www', 'api', 'mail'])
  })

  test('all by another plan, and all anew', () => {
    const { node } = settled()
    const other = { ...plan }
    const step = engineTransition(other, node.state(), { kind: 'timer', now: node.now() })
    assert.equal(step.touched.length, 3)
    assert.equal(engineTransition(other, step.state, { kind: 'timer', now: node.now() }).touched.length, 0)
  })
})

/** Fails when an instance that is not touched would have done something, or a report would have changed. */
const checking: typeof engineTransition = (of, state, event) => {
  const step = engineTransition(of, state, event)
  if (state.follows !== of) return step
  const full = engineTransition(of, { ...state, follows: undefined }, event)
  assert.deepEqual(deeds(step), deeds(full), `${of.node}: ${JSON.stringify(event)}`)
  return step
}

/** A gate that is open may be opened for longer at any event, and is in time before it closes. */
const deeds = ({ actions }: EngineStep) =>
  actions
    .filter((action) => action.kind !== 'gate' || action.until === undefined)
    .map((action) => (action.kind === 'say' ? 'say' : action))

test('who is not touched would have done nothing', () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = createRandom(seed)
    const cluster = createCluster({
      nodes: 3,
      paths: seed % 2,
      transition: checking,
      config: seed % 3 === 0 ? { quorum: 'majority' } : {},
    })
    const nodes = ['web1', 'web2', 'web3']
    const node = (): string => nodes[Math.floor(random.next() * nodes.length)] ?? 'web1'
    const disturb = [
      () => cluster.cut(node(), node(), 'advert'),
      () => cluster.cut(node(), node(), 'lan'),
      () => cluster.split(node(), node(), '*'),
      () => cluster.heal(),
      () => cluster.send(node(), { kind: 'hold', instances: [], until: undefined }),
      () => cluster.send(node(), { kind: 'back', instances: [] }),
      () => cluster.kill(node()),
      () => cluster.start(node()),
    ]
    cluster.startAll()
    cluster.run(8)
    for (let turn = 0; turn < 12; turn += 1) {
      disturb[Math.floor(random.next() * disturb.length)]?.()
      cluster.run(0.2 + 2 * random.next())
    }
  }
})
