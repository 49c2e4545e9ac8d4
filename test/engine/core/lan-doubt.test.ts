import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeKind } from '../../../src/config/types.ts'
import { lanWarnings } from '../../../src/engine/core/lan-text.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromMillis } from '../../../src/shared/units.ts'
import { createNode, deeds, instance, planFor, WEB1, WEB2 } from './support.ts'

const VIP = '192.0.2.100' as Ipv4
const MAC1 = '52:54:00:00:00:01' as Mac
const OWN = '52:54:00:00:00:02' as Mac
const STRANGER = '52:54:00:00:00:99' as Mac

/** web2 as the backup of web1, which was heard last at 0 s: it would claim at 3.609 s, and looks from 3.549 s on. */
function backup(kind: NodeKind = 'haup') {
  const plan = planFor('web2', [instance({ track: [] })])
  const instances = plan.instances.map((each) => ({ ...each, peers: each.peers.map((peer) => ({ ...peer, kind })) }))
  const box = createNode({ ...plan, instances })
  box.ready()
  box.send({ kind: 'arp-ready', ready: true })
  box.send({ kind: 'neighbour', address: WEB1, mac: MAC1 })
  box.advert(WEB1, 150)
  const reply = (mac: Mac, announced: boolean) =>
    box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac, own: OWN, announced })
  return { ...box, reply, warnings: () => lanWarnings({ ...plan, instances }, box.state(), box.now()) }
}

const probes = (actions: readonly EngineAction[]): number => actions.filter(({ kind }) => kind === 'probe-lan').length
const codes = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) => (action.kind === 'log' ? [action.record.code] : []))

describe('a claim for want of adverts', () => {
  test('asks the LAN before it is due, and comes when it is due if nobody answers', () => {
    const box = backup()
    box.run(3.549)
    assert.equal(probes(box.actions), 0)
    box.run(3.56)
    assert.equal(probes(box.actions), 1)
    box.run(3.609)
    assert.equal(box.shown().state, 'BACKUP')
    box.run(3.609_375)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(probes(box.actions), 1)
  })

  test('waits for answers all the same when the loop wakes too late for a look in time', () => {
    const box = backup()
    box.skip(3.6)
    box.send({ kind: 'timer' })
    box.run(3.659)
    assert.deepEqual([box.shown().state, probes(box.actions)], ['BACKUP', 1])
    box.run(3.66)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('is not made while the engine of a haup node says that it holds, and asks again each interval', () => {
    const box = backup()
    for (let round = 0; round < 4; round += 1) {
      box.run(3.56 + round)
      assert.equal(probes(box.actions), round + 1)
      box.reply(MAC1, false)
      box.reply(MAC1, true)
    }
    assert.equal(box.shown().state, 'BACKUP')
    assert.match(box.shown().reason, /adverts of web1 do not arrive, but it holds the address: is IP protocol 112/)
    assert.deepEqual(codes(box.actions).filter((code) => code === 'lan.adverts-blocked').length, 1, 'said once')
    assert.deepEqual(
      box.warnings().map(({ code }) => code),
      ['lan.adverts-blocked'],
    )
    box.run(20)
    assert.equal(box.shown().state, 'MASTER', 'as soon as nobody answers')
    assert.deepEqual(box.warnings(), [])
  })

  test('is made after three probes when only the kernel of a haup node answers: its engine is dead', () => {
    const box = backup()
    for (const at of [3.56, 3.62, 3.68]) {
      box.run(at)
      assert.equal(box.shown().state, 'BACKUP')
      box.reply(MAC1, false)
    }
    box.run(3.74)
    assert.equal(probes(box.actions), 3)
    assert.equal(box.shown().state, 'MASTER')
    assert.ok(codes(box.actions).includes('lan.two-holders'))
  })

  test('comes before that of a lower router, as Skew_Time has it, also with fast adverts', () => {
    const settings = instance({
      ...{ track: [], advertInterval: fromMillis(100), preempt: false, priority: { web1: 250, web2: 200 } },
    })
    const box = createNode(planFor('web2', [settings]))
    box.ready()
    box.send({ kind: 'arp-ready', ready: true })
    box.advert(WEB1, 250)
    box.run(0.322)
    assert.equal(box.shown().state, 'MASTER', 'due at 321.9 ms; one with priority 100 claims at 360.9 ms')
    assert.equal(probes(box.actions), 1)
  })

  for (const [who, kind, mac] of [
    ['a keepalived node', 'keepalived', MAC1],
    ['a station that is no node', 'haup', STRANGER],
  ] as const) {
    test(`is made though ${who} answers, which is said`, () => {
      const box = backup(kind)
      box.run(3.56)
      box.reply(mac, true)
      box.reply(mac, false)
      box.run(3.61)
      assert.equal(box.shown().state, 'MASTER')
      const said = box.actions.find((action) => action.kind === 'log' && action.record.code === 'lan.two-holders')
      assert.match(JSON.stringify(said), kind === 'haup' ? /no node of this cluster/ : /web1 \(52:54/)
    })
  }

  test('is forgotten when an advert comes, which is said after a time of silence', () => {
    const box = backup()
    box.run(3.56)
    box.reply(MAC1, true)
    box.run(4)
    box.advert(WEB1, 150)
    assert.equal(box.state().instances.get('www')?.lan.doubt, undefined)
    assert.ok(codes(box.actions).includes('lan.adverts-back'))
    box.run(7.6)
    assert.equal(box.shown().state, 'BACKUP')
  })

  test('is forgotten without a word when an advert comes during the look, and the next look is in time', () => {
    const box = backup()
    box.run(3.56)
    box.advert(WEB1, 150)
    assert.equal(box.state().instances.get('www')?.lan.doubt, undefined)
    assert.ok(!codes(box.actions).includes('lan.adverts-back'))
    box.run(3.56 + 3.56)
    assert.equal(probes(box.actions), 2)
    box.run(3.56 + 3.61)
    assert.equal(box.shown().state, 'MASTER')
  })
})

describe('no doubt, no probe', () => {
  test('after priority 0, also while a probe is under way', () => {
    for (const at of [1, 3.56]) {
      const box = backup()
      box.run(at)
      const before = probes(box.actions)
      box.advert(WEB1, 0)
      box.run(at + 0.62)
      assert.equal(box.shown().state, 'MASTER')
      assert.equal(probes(box.actions), before)
    }
  })

  test('when a lower master is preempted', () => {
    const box = backup()
    for (let at = 1; at < 6; at += 1) {
      box.run(at)
      box.advert(WEB1, 50)
    }
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(probes(box.actions), 0)
  })

  test('but a lower master that was heard too long ago may hold, and not hear us', () => {
    const box = backup()
    box.run(1)
    box.advert(WEB1, 50)
    box.run(3.56)
    assert.deepEqual([box.shown().state, probes(box.actions)], ['BACKUP', 1])
    box.run(3.61)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('a lower master that is heard again after a doubt is preempted at once', () => {
    const box = backup()
    box.run(3.56)
    box.reply(MAC1, true)
    box.run(5)
    box.advert(WEB1, 50)
    box.run(5.01)
    assert.equal(box.shown().state, 'MASTER')
  })

  test('when ARP cannot be heard', () => {
    const box = backup()
    box.send({ kind: 'arp-ready', ready: false })
    box.run(3.62)
    assert.equal(box.shown().state, 'MASTER')
    assert.deepEqual(deeds(box.actions).slice(0, 3), ['advert 100', 'bind', 'announce'])
  })
})

test('who uses our VRID without being a node is said once, and shown for a minute', () => {
  const box = backup()
  const other = '192.0.2.77' as Ipv4
  box.advert(other, 90)
  box.advert(other, 90)
  box.send({ kind: 'stranger', instance: 'www', from: other })
  box.advert(WEB2, 90)
  const said = box.actions.filter((action) => action.kind === 'log' && action.record.code === 'vrrp.stranger')
  assert.equal(said.length, 1)
  assert.match(JSON.stringify(said), /VRID 77 is used by 192\.0\.2\.77, which is no node of this cluster/)
  assert.deepEqual(
    box.warnings().map(({ code }) => code),
    ['vrrp.stranger'],
  )
  box.run(61)
  assert.deepEqual(box.warnings(), [])
})
