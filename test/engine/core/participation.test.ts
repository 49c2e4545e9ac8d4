import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { engineTransition } from '../../../src/engine/core/core.ts'
import { interfacesOf } from '../../../src/engine/core/participation.ts'
import { planReload } from '../../../src/engine/core/reload.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { createNode, deeds, instance, planFor } from './support.ts'

const onEth1 = { address: { address: '198.51.100.1' as Ipv4, length: 24 }, interface: 'eth1', label: undefined }
const twoLans = instance({ virtualAddresses: [...instance().virtualAddresses, onEth1] })
const link = (name: string, up: boolean) =>
  ({ kind: 'link', link: { interface: name, up, detail: `${name} is ${up ? 'up' : 'down'}` } }) as const

const started = () => {
  const box = createNode(planFor('web1', [twoLans]))
  box.ready()
  box.send(link('eth1', true))
  box.run(5)
  return box
}

describe('an interface that only a virtual address is on', () => {
  test('is one of the instance', () => {
    assert.deepEqual(planFor('web1', [twoLans]).instances.map(interfacesOf), [['eth0', 'eth1']])
  })

  test('is waited for, and once it is up the instance serves', () => {
    const box = createNode(planFor('web1', [twoLans]))
    box.ready()
    assert.deepEqual([box.shown().state, box.shown().reason], ['INIT', 'waiting for the first report about eth1'])
    box.send(link('eth1', true))
    box.run(5)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('makes a fault when it goes down, which ends when it is up again', () => {
    const box = started()
    assert.deepEqual(deeds(box.send(link('eth1', false))), ['unbind', 'advert 0'])
    assert.deepEqual([box.shown().state, box.shown().reason], ['FAULT', 'eth1 is down'])
    box.send(link('eth1', true))
    assert.equal(box.shown().state, 'BACKUP')
    box.run(20)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('that no address is on is none of its business', () => {
    const box = started()
    assert.deepEqual(deeds(box.send(link('eth2', false))), [])
    assert.equal(box.shown().state, 'MASTER')
  })

  test('and that a reload brings does not move the addresses before it has been reported', () => {
    const plain = planFor('web1')
    const box = createNode(plain)
    box.ready()
    box.run(5)
    const reload = planReload(plain, planFor('web1', [twoLans]), box.state(), box.now())
    assert.deepEqual(deeds(reload.actions), ['bind', 'advert 150', 'announce'])
    const next = engineTransition(planFor('web1', [twoLans]), reload.state, { kind: 'timer', now: box.now() })
    assert.ok(!deeds(next.actions).includes('unbind'))
    assert.equal(next.state.instances.get('www')?.display.state, 'MASTER')
  })
})
