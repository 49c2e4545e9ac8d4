import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromSeconds } from '../../../src/shared/units.ts'
import { createNode, deeds, instance, planFor, WEB1, WEB2 } from './support.ts'

const started = (node = 'web1', instances = [instance()]) => {
  const box = createNode(planFor(node, instances))
  box.ready()
  return box
}

describe('coming up', () => {
  test('nothing takes part before link, socket and first verdict are known', () => {
    const box = createNode(planFor('web1'))
    box.send({ kind: 'start' })
    assert.equal(box.shown().state, 'INIT')
    box.send({ kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
    box.send({ kind: 'socket', interface: 'eth0', error: undefined })
    assert.equal(box.shown().state, 'INIT')
    assert.match(box.shown().reason, /waiting for the first verdict on web/)
    const results = [{ probe: 'tcp', ok: true, detail: 'open', took: box.now() }]
    box.send({ kind: 'probed', service: 'web', results })
    assert.equal(box.shown().state, 'BACKUP')
  })

  test('a node that hears nobody becomes master after three intervals and the skew', () => {
    const box = started()
    box.run(3.41)
    assert.equal(box.shown().state, 'BACKUP')
    box.run(3.42)
    assert.equal(box.shown().state, 'MASTER')
    assert.deepEqual(deeds(box.actions).slice(0, 3), ['advert 150', 'bind', 'announce'])
    assert.match(box.shown().reason, /no advert/)
  })

  test('a socket that cannot be opened is a fault that says so', () => {
    const box = createNode(planFor('web1'))
    box.ready()
    box.send({ kind: 'socket', interface: 'eth0', error: 'no VRRP socket on eth0: EPERM' })
    assert.equal(box.shown().state, 'FAULT')
    assert.match(box.shown().reason, /EPERM/)
  })
})

describe('a failed service', () => {
  test('releases the address first and then resigns, and stays in the election as the last resort', () => {
    const box = started()
    box.run(5)
    const before = box.actions.length
    box.run(7.5, false)
    const done = deeds(box.actions.slice(before))
    assert.deepEqual(done.slice(done.indexOf('unbind')), ['unbind', 'advert 0'])
    assert.equal(box.shown().state, 'FAULT')
    assert.equal(box.priority(), 1)
    assert.match(box.shown().reason, /connection refused/)
  })

  test('the holder keeps the address when nobody else claims it, and says so', () => {
    const box = started()
    box.run(5)
    box.run(20, false)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(box.priority(), 1)
    assert.match(box.shown().reason, /nobody else claims the address, though web: .*connection refused/)
  })

  test('with when_all_down: release nobody holds it', () => {
    const box = started('web1', [instance({ whenAllDown: 'release' })])
    box.run(5)
    box.run(20, false)
    assert.equal(box.shown().state, 'FAULT')
    assert.equal(box.state().instances.get('www')?.router.phase.kind, 'initialize')
  })

  test('a lower priority goes out with the next advert, and the address stays', () => {
    const track = [{ service: 'web', onFailure: { kind: 'lower' as const, by: 60 } }]
    const box = started('web1', [instance({ track })])
    box.run(5)
    const before = box.actions.length
    box.run(8, false)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(box.priority(), 90)
    assert.ok(deeds(box.actions.slice(before)).includes('advert 90'))
    assert.ok(!deeds(box.actions.slice(before)).includes('unbind'))
  })

  test('a service that recovers gives the priority back after `rise` good rounds', () => {
    const box = started()
    box.run(5)
    box.run(8, false)
    box.advert(WEB2, 100)
    assert.equal(box.shown().state, 'FAULT')
    box.run(8.9, true)
    box.advert(WEB2, 100)
    box.run(10.5, true)
    assert.equal(box.priority(), 150)
    assert.equal(box.shown().state, 'BACKUP')
  })
})

describe('haup failover', () => {
  test('the master hands over and stays behind until it is taken back', () => {
    const box = started()
    box.run(5)
    const done = deeds(box.send({ kind: 'hold', instances: [], until: undefined }))
    assert.deepEqual(done, ['unbind', 'advert 0'])
    for (let second = 6; second < 30; second += 1) {
      box.advert(WEB2, 100)
      box.run(second)
      assert.equal(box.shown().state, 'BACKUP')
    }
    box.send({ kind: 'back', instances: ['www'] })
    assert.equal(box.priority(), 150)
  })

  test('a hold ends by itself at its time', () => {
    const box = started()
    box.run(5)
    box.send({ kind: 'hold', instances: ['www'], until: (box.now() + 2_000_000) as ReturnType<typeof box.now> })
    box.advert(WEB2, 100)
    box.run(6.9)
    assert.equal(box.priority(), 1)
    box.run(7.1)
    assert.equal(box.priority(), 150)
  })

  test('when nobody answers, the node takes the address back with its own priority', () => {
    const box = started()
    box.run(5)
    box.send({ kind: 'hold', instances: [], until: undefined })
    box.run(10)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(box.priority(), 150)
    assert.equal(box.state().instances.get('www')?.hold, undefined)
  })

  test('other instances are not touched', () => {
    const box = started('web1', [instance(), instance({ name: 'api', vrid: 78 })])
    box.run(5)
    box.send({ kind: 'hold', instances: ['api'], until: undefined })
    assert.equal(box.shown('www').state, 'MASTER')
    assert.equal(box.shown('api').state, 'BACKUP')
  })
})

describe('links and bindings', () => {
  test('a master whose link goes down is in FAULT, and listens the full time when it is back', () => {
    const box = started()
    box.run(5)
    const done = deeds(
      box.send({ kind: 'link', link: { interface: 'eth0', up: false, detail: 'eth0 has no carrier' } }),
    )
    assert.deepEqual(done, ['unbind', 'advert 0'])
    assert.deepEqual([box.shown().state, box.shown().reason], ['FAULT', 'eth0 has no carrier'])
    box.send({ kind: 'link', link: { interface: 'eth0', up: true, detail: 'eth0 is up' } })
    assert.equal(box.shown().state, 'BACKUP')
    box.run(8.4)
    assert.equal(box.shown().state, 'BACKUP')
    box.run(8.5)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('an address that cannot be bound is a fault until a look says that it could be', () => {
    const box = started()
    box.run(5)
    const done = deeds(box.send({ kind: 'bind-failed', instance: 'www', message: '192.0.2.100 is there already' }))
    assert.deepEqual(done, ['unbind', 'advert 0'])
    assert.equal(box.shown().state, 'FAULT')
    const looks = () => box.actions.filter(({ kind }) => kind === 'check-bindings').length
    box.run(14.9)
    assert.deepEqual([box.shown().state, looks()], ['FAULT', 0])
    box.run(15.1)
    assert.deepEqual([box.shown().state, looks()], ['FAULT', 1])
    box.send({ kind: 'bindings-checked', instance: 'www', error: 'it still is' })
    assert.deepEqual([box.shown().state, box.shown().reason], ['FAULT', 'it still is'])
    box.run(25.2)
    assert.equal(looks(), 2)
    box.send({ kind: 'bindings-checked', instance: 'www', error: undefined })
    assert.equal(box.shown().state, 'BACKUP')
  })
})

describe('an engine that slept', () => {
  const sleep = (box: ReturnType<typeof started>, seconds: number) => box.skip(seconds)

  test('for longer than a backup waits lets go before it reads or says anything, and listens', () => {
    const box = started()
    box.run(5)
    sleep(box, 30)
    assert.deepEqual(deeds(box.advert(WEB2, 100)), ['unbind'])
    assert.equal(box.shown().state, 'BACKUP')
    assert.match(box.state().instances.get('www')?.cause ?? '', /slept for 30/)
  })

  test('shorter than that goes on', () => {
    const box = started()
    box.run(5)
    sleep(box, 2)
    assert.deepEqual(deeds(box.send({ kind: 'timer' })), ['advert 150'])
    assert.equal(box.shown().state, 'MASTER')
  })
})

test('stopping resigns every mastership and nothing comes up again', () => {
  const box = started('web1', [instance(), instance({ name: 'api', vrid: 78, priority: { web1: 100, web2: 150 } })])
  box.run(5)
  const actions = box.send({ kind: 'stop', reason: 'SIGTERM' })
  assert.deepEqual(deeds(actions, 'www'), ['unbind', 'advert 0'])
  assert.deepEqual(deeds(actions, 'api'), ['unbind', 'advert 0'])
  box.run(60)
  assert.equal(box.shown().state, 'INIT')
})

test('what differs at a peer is said once, and again after a change of state', () => {
  const box = started('web2')
  const logs = () =>
    box.actions.filter((action) => action.kind === 'log' && action.record.code === 'vrrp.addresses-differ').length
  const other = { version: 3, vrid: 77, priority: 150, interval: fromSeconds(1), addresses: [WEB2] } as const
  const hear = () => box.send({ kind: 'advert', id: 1, instance: 'www', from: WEB1, advert: other })
  hear()
  hear()
  assert.equal(logs(), 1)
  box.run(5)
  assert.equal(box.shown().state, 'MASTER')
  hear()
  hear()
  assert.equal(logs(), 2)
})

test('the owner of the addresses (255) is master at once, and stays out when its service failed', () => {
  const box = started('web1', [instance({ priority: { web1: 255, web2: 100 } })])
  assert.equal(box.shown().state, 'MASTER')
  box.run(10, false)
  assert.equal(box.shown().state, 'FAULT')
})
