import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressWarnings } from '../../../src/engine/core/addresses.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import type { SeenAddress } from '../../../src/engine/ports.ts'
import { parseIpv4Prefix } from '../../../src/shared/ip.ts'
import { createNode, deeds, planFor, WEB1, WEB2 } from './support.ts'

const plan = planFor('web1')
const missing = plan.instances[0]?.bindings ?? []

const seen = (text: string, ours = false, on = 'eth0'): SeenAddress => {
  const parsed = parseIpv4Prefix(text)
  assert.ok(parsed.ok)
  return { interface: on, address: parsed.value, ours }
}
const own = seen(`${WEB1}/24`)

const master = () => {
  const box = createNode(plan)
  box.ready()
  box.run(4)
  assert.equal(box.shown().state, 'MASTER')
  return box
}

const backup = () => {
  const box = createNode(planFor('web2'))
  box.ready()
  box.advert(WEB1, 150)
  assert.equal(box.shown().state, 'BACKUP')
  return box
}

const logs = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) => (action.kind === 'log' ? `${action.record.level} ${action.record.code}` : []))

const repairs = (actions: readonly EngineAction[]): number => actions.filter(({ kind }) => kind === 'repair').length

const lose = (box: ReturnType<typeof master>) => box.send({ kind: 'address-lost', instance: 'www', missing })

describe('an address that somebody takes away', () => {
  test('is put back at once, and both are said', () => {
    const box = master()
    const actions = lose(box)
    assert.equal(repairs(actions), 1)
    assert.deepEqual(logs(actions), ['warn vip.lost'])
    assert.deepEqual(logs(box.send({ kind: 'repaired', instance: 'www' })), ['info vip.restored'])
    assert.equal(box.shown().state, 'MASTER')
  })

  test('is blamed on whom it was', () => {
    const culprit = { who: 'the program "ip" (pid 7)', advice: undefined }
    const [action] = master().send({ kind: 'culprit', instance: 'www', culprit })
    assert.ok(action?.kind === 'log')
    assert.match(action.record.message, /"ip" \(pid 7\)/)
  })

  test('is no matter of a node that is not master', () => {
    assert.deepEqual(lose(backup()), [])
  })

  test('is a warning of the status when it happens all the time, until it ends', () => {
    const box = master()
    for (let round = 0; round < 5; round += 1) {
      assert.equal(repairs(lose(box)), 1)
      box.send({ kind: 'repaired', instance: 'www' })
    }
    const sixth = lose(box)
    assert.equal(repairs(sixth), 0)
    assert.ok(logs(sixth).includes('warn vip.lost-often'))
    assert.deepEqual(
      addressWarnings(plan, box.state()).map(({ code }) => code),
      ['vip.lost-often'],
    )
    box.run(4.1)
    assert.equal(repairs(box.actions), 6, 'a pause after the last one')
    box.send({ kind: 'repaired', instance: 'www' })
    box.run(16)
    assert.deepEqual(addressWarnings(plan, box.state()), [])
  })

  test('that cannot be put back is a fault after three attempts, and tried again as a whole later', () => {
    const box = master()
    lose(box)
    const fail = () => box.send({ kind: 'repair-failed', instance: 'www', message: 'the kernel refused: EPERM' })
    fail()
    box.run(4.2)
    fail()
    box.run(4.8)
    assert.equal(box.shown().state, 'MASTER')
    const last = fail()
    assert.equal(box.shown().state, 'FAULT')
    assert.deepEqual(deeds(last), ['unbind', 'advert 0'])
    assert.match(box.shown().reason, /EPERM/)
    box.run(20)
    assert.equal(box.shown().state, 'FAULT')
    box.send({ kind: 'bindings-checked', instance: 'www', error: undefined })
    box.run(24)
    assert.equal(box.shown().state, 'MASTER')
  })
})

describe("the node's own address", () => {
  test('is needed for adverts: without it for 100 ms the instance is out, with it back in', () => {
    const box = master()
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [] })), ['warn source.lost'])
    box.run(4.09)
    assert.equal(box.shown().state, 'MASTER')
    box.run(4.11)
    assert.deepEqual(deeds(box.actions).slice(-2), ['unbind', 'advert 0'])
    assert.equal(box.shown().state, 'FAULT')
    assert.match(box.shown().reason, /192\.0\.2\.11, which adverts come from, is on no interface/)
    box.send({ kind: 'addresses', seen: [own] })
    assert.equal(box.shown().state, 'BACKUP')
  })

  test('that is taken away and comes back at once: nothing is put back before it, everything anew behind it', () => {
    const box = master()
    box.send({ kind: 'addresses', seen: [] })
    box.run(4.02)
    assert.equal(repairs(lose(box)), 0)
    box.send({ kind: 'addresses', seen: [] })
    box.run(4.09)
    const back = box.send({ kind: 'addresses', seen: [own] })
    assert.deepEqual(deeds(back), ['unbind', 'bind', 'announce'])
    assert.deepEqual(logs(back), ['info source.back'])
    box.run(6)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(repairs(lose(box)), 1, 'afterwards all is as before')
  })

  test('that a backup loses makes it leave at once; so does a master that becomes one meanwhile', () => {
    const waiting = backup()
    waiting.send({ kind: 'addresses', seen: [] })
    assert.equal(waiting.shown().state, 'FAULT')
    const box = master()
    box.send({ kind: 'addresses', seen: [] })
    box.advert(WEB2, 200)
    box.run(4.05)
    assert.equal(box.shown().state, 'FAULT')
  })
})

describe('a virtual address without our mark', () => {
  const stranger = seen('192.0.2.100/32')
  const peer = seen('192.0.2.12/24')

  test('on a backup is warned of once, while it is there', () => {
    const box = backup()
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [peer, stranger] })), ['warn vip.stranger'])
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [peer, stranger] })), [])
    const [warning] = addressWarnings(planFor('web2'), box.state())
    assert.match(warning?.message ?? '', /ip addr del 192\.0\.2\.100\/32 dev eth0/)
    assert.equal(box.shown().state, 'BACKUP')
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [peer] })), ['info vip.stranger-gone'])
    assert.deepEqual(addressWarnings(planFor('web2'), box.state()), [])
  })

  test('in the place of its own is no stranger to a master, which takes it for its own again', () => {
    const box = master()
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [own, seen('192.0.2.100/24')] })), [])
    assert.deepEqual(logs(box.send({ kind: 'addresses', seen: [own, seen('192.0.2.100/24', false, 'lo')] })), [
      'warn vip.stranger',
    ])
  })

  test("ours, and other addresses, are nobody's business", () => {
    const box = backup()
    assert.deepEqual(
      box.send({ kind: 'addresses', seen: [peer, seen('192.0.2.100/24', true), seen('10.0.0.1/8')] }),
      [],
    )
  })
})
