import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lanWarnings } from '../../../src/engine/core/lan-text.ts'
import { planReload } from '../../../src/engine/core/reload.ts'
import type { NodePlan } from '../../../src/engine/core/types.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis } from '../../../src/shared/units.ts'
import { createNode, deeds, instance, planFor, WEB2 } from './support.ts'

const address = (last: number) => ({
  address: { address: `192.0.2.${last}` as Ipv4, length: 24 },
  interface: undefined,
  label: undefined,
})

/** A master of `www` under the plan `before`, reloaded to `after`. */
const reloaded = (before: NodePlan, after: NodePlan) => {
  const box = createNode(before)
  box.ready()
  box.run(5)
  return { box, reload: planReload(before, after, box.state(), box.now()) }
}

describe('reload', () => {
  test('the same configuration changes nothing at all', () => {
    const { box, reload } = reloaded(planFor('web1'), planFor('web1'))
    assert.deepEqual([reload.changes, reload.farewell, reload.actions, reload.gone], [[], [], [], []])
    assert.equal(reload.state.instances.get('www')?.router, box.state().instances.get('www')?.router)
  })

  test('a master told of other addresses binds, advertises and announces them, and never lets go', () => {
    const after = planFor('web1', [instance({ virtualAddresses: [address(101), address(100)] })])
    const { reload } = reloaded(planFor('web1'), after)
    assert.deepEqual(deeds(reload.actions), ['bind', 'advert 150', 'announce'])
    assert.deepEqual([reload.farewell, reload.gone], [[], []])
    assert.deepEqual(reload.changes, ['www: addresses +192.0.2.101/24'])
    assert.equal(reload.state.instances.get('www')?.router.phase.kind, 'master')
  })

  test('who is no node by the new file counts from what is heard from now on', () => {
    const box = createNode(planFor('web1'))
    box.ready()
    box.advert(WEB2, 100)
    const before = planFor('web1')
    const moved = '192.0.2.32' as Ipv4
    const after: NodePlan = {
      ...before,
      instances: before.instances.map((each) => ({
        ...each,
        peers: each.peers.map((peer) => ({ ...peer, address: moved })),
      })),
    }
    const { state } = planReload(before, after, box.state(), box.now())
    assert.deepEqual(lanWarnings(after, state, box.now()), [])
    assert.deepEqual([...(state.instances.get('www')?.lan.heard.keys() ?? [])], [])
    const same = planReload(before, before, box.state(), box.now())
    assert.deepEqual([...(same.state.instances.get('www')?.lan.heard.keys() ?? [])], [WEB2], 'a node is remembered')
  })

  test('a node on standby does not hold a new instance either', () => {
    const box = createNode(planFor('web1'))
    box.ready()
    box.send({ kind: 'hold', instances: [], until: undefined, standby: true })
    const after = planFor('web1', [instance(), instance({ name: 'api', vrid: 78 })])
    const { state } = planReload(planFor('web1'), after, box.state(), box.now())
    assert.equal(state.instances.get('api')?.hold?.standby, true)
    const plain = reloaded(planFor('web1'), after)
    assert.equal(plain.reload.state.instances.get('api')?.hold, undefined)
  })

  test('a removed instance hands over first; the others are not touched', () => {
    const before = planFor('web1', [instance(), instance({ name: 'api', vrid: 78 })])
    const { reload } = reloaded(before, planFor('web1'))
    assert.deepEqual(deeds(reload.farewell, 'api'), ['unbind', 'advert 0'])
    assert.deepEqual([deeds(reload.farewell), deeds(reload.actions)], [[], []])
    assert.deepEqual([reload.gone, reload.changes], [['api'], ['api: removed']])
    assert.deepEqual([...reload.state.instances.keys()], ['www'])
  })

  test('an added instance starts by listening, on what is known of its interface', () => {
    const after = planFor('web1', [instance(), instance({ name: 'api', vrid: 78 })])
    const { reload } = reloaded(planFor('web1'), after)
    const added = reload.state.instances.get('api')
    assert.deepEqual(
      [added?.router.phase.kind, added?.socket, added?.links.get('eth0')?.up],
      ['initialize', 'open', true],
    )
    assert.deepEqual(reload.changes, ['api: added'])
  })

  test('another VRID is another router: it leaves and joins anew', () => {
    const { reload } = reloaded(planFor('web1'), planFor('web1', [instance({ vrid: 99 })]))
    assert.deepEqual(deeds(reload.farewell), ['unbind', 'advert 0'])
    assert.equal(reload.state.instances.get('www')?.router.phase.kind, 'initialize')
    assert.deepEqual(reload.changes, ['www: another router now, leaves and joins anew'])
  })

  test('another priority is said, and goes out with the next advert', () => {
    const { reload } = reloaded(planFor('web1'), planFor('web1', [instance({ priority: { web1: 120, web2: 100 } })]))
    assert.deepEqual(reload.changes, ['www: priority 150 -> 120'])
    assert.equal(reload.state.instances.get('www')?.router.phase.kind, 'master')
  })

  test('a shorter interval counts from now on: the next advert does not wait for the old one', () => {
    const interval = fromMillis(100)
    const { box, reload } = reloaded(planFor('web1'), planFor('web1', [instance({ advertInterval: interval })]))
    const phase = reload.state.instances.get('www')?.router.phase
    assert.ok(phase?.kind === 'master')
    assert.ok(phase.advertAt <= box.now() + interval, `${phase.advertAt - box.now()} us`)
    const slower = reloaded(planFor('web1'), planFor('web1', [instance({ advertInterval: fromMillis(10_000) })]))
    const before = slower.box.state().instances.get('www')?.router
    assert.equal(slower.reload.state.instances.get('www')?.router, before)
  })
})
