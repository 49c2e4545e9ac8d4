import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeKind } from '../../../src/config/types.ts'
import { lanWarnings } from '../../../src/engine/core/lan-text.ts'
import type { EngineAction } from '../../../src/engine/core/types.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { createNode, deeds, instance, planFor, WEB1, WEB2 } from './support.ts'

const VIP = '192.0.2.100' as Ipv4
const OWN = '52:54:00:00:00:0a' as Mac
const OTHER = '52:54:00:00:00:0b' as Mac
const STRANGER = '52:54:00:00:00:99' as Mac

/** A master since the other node let go, that announces once and knows the other node's hardware address. */
function master(node: 'web1' | 'web2', kind: NodeKind = 'haup') {
  const plan = planFor(node, [instance({ track: [] })])
  const instances = plan.instances.map((each) => ({
    ...each,
    peers: each.peers.map((peer) => ({ ...peer, kind })),
    router: { ...each.router, announceAt: each.router.announceAt.slice(0, 1) },
  }))
  const box = createNode({ ...plan, instances })
  box.ready()
  box.send({ kind: 'arp-ready', ready: true })
  box.send({ kind: 'neighbour', address: node === 'web1' ? WEB2 : WEB1, mac: OTHER })
  box.advert(node === 'web1' ? WEB2 : WEB1, 0)
  box.run(10)
  const from = box.actions.length
  const since = (): EngineAction[] => box.actions.slice(from)
  const claim = (mac: Mac = OTHER) =>
    box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac, own: OWN, announced: true })
  return { ...box, claim, since, warnings: () => lanWarnings({ ...plan, instances }, box.state(), box.now()) }
}

const announcements = (actions: readonly EngineAction[]): number =>
  deeds(actions).filter((deed) => deed === 'announce').length
const codes = (actions: readonly EngineAction[]): string[] =>
  actions.flatMap((action) => (action.kind === 'log' ? [action.record.code] : []))

describe('a stranger that claims our address', () => {
  test('is answered at once, named once with both hardware addresses, and shown', () => {
    const box = master('web1')
    assert.deepEqual(deeds(box.claim(STRANGER)), ['announce'])
    box.run(10.2)
    box.claim(STRANGER)
    box.run(12)
    const said = box.since().filter((action) => action.kind === 'log')
    assert.deepEqual(codes(box.since()), ['lan.foreign-claim'])
    assert.match(JSON.stringify(said), new RegExp(`${STRANGER}, which is no node.*ours: ${OWN}`))
    assert.equal(box.shown().state, 'MASTER')
    assert.match(box.warnings()[0]?.message ?? '', /also claims 192\.0\.2\.100/)
  })

  test('a thousand claims a second get one answer a second, and one with each advert', () => {
    const box = master('web1')
    for (let at = 0; at < 5_000; at += 1) {
      box.run(10 + at / 1_000)
      box.claim(STRANGER)
    }
    const sent = announcements(box.since())
    assert.ok(sent >= 5 && sent <= 10, `${sent} announcements in 5 s`)
  })

  test('the address is announced with adverts until ten seconds have passed in peace, which is said', () => {
    const box = master('web1')
    box.claim(STRANGER)
    box.run(19.5)
    assert.ok(announcements(box.since()) >= 9)
    box.run(20.5)
    const before = announcements(box.since())
    assert.deepEqual(codes(box.since()), ['lan.foreign-claim', 'lan.calm'])
    box.run(30)
    assert.equal(announcements(box.since()), before)
    assert.deepEqual(box.warnings(), [])
  })

  test('many of them are remembered in part', () => {
    const box = master('web1')
    for (let each = 0; each < 100; each += 1) box.claim(`52:54:00:00:01:${each}` as Mac)
    assert.equal(box.state().instances.get('www')?.lan.claimants.length, 8)
  })

  test('a node that was not known as one yet is asked for, and is no stranger', () => {
    const box = master('web1')
    const asked = box.claim(STRANGER).filter(({ kind }) => kind === 'probe-lan')
    assert.equal(asked.length, 1)
    box.send({ kind: 'neighbour', address: WEB2, mac: STRANGER })
    box.run(11)
    assert.deepEqual(codes(box.since()), [])
  })
})

describe('another node that holds the address too', () => {
  /** It goes on claiming, and answers the probe. */
  const stubborn = (box: ReturnType<typeof master>, seconds: number): void => {
    for (let at = 0; at < seconds * 50; at += 1) {
      box.claim()
      box.run(10 + at / 50)
    }
  }

  test('whose adverts do not arrive: the lower priority lets go within two intervals and a probe, and says why', () => {
    const box = master('web2')
    stubborn(box, 2.04)
    assert.equal(box.shown().state, 'MASTER')
    stubborn(box, 2.12)
    assert.equal(box.shown().state, 'BACKUP')
    assert.deepEqual(deeds(box.since()).slice(-1), ['unbind'])
    assert.match(JSON.stringify(box.since()), /let go, web1 has the better right: adverts of web1 do not arrive/)
    assert.deepEqual(box.state().instances.get('www')?.lan.claimants, [])
  })

  test('the higher one keeps it, defends it and says so', () => {
    const box = master('web1')
    stubborn(box, 6)
    assert.equal(box.shown().state, 'MASTER')
    assert.deepEqual(codes(box.since()), ['lan.two-holders'])
    assert.ok(announcements(box.since()) >= 4)
  })

  test('with the same priority the higher address stays', () => {
    for (const [node, state] of [
      ['web1', 'BACKUP'],
      ['web2', 'MASTER'],
    ] as const) {
      const box = createNode(planFor(node, [instance({ track: [], priority: { web1: 100, web2: 100 } })]))
      box.ready()
      box.send({ kind: 'arp-ready', ready: true })
      box.send({ kind: 'neighbour', address: node === 'web1' ? WEB2 : WEB1, mac: OTHER })
      for (let at = 0; at < 320; at += 1) {
        box.run(10 + at / 100)
        if (box.shown().state !== 'MASTER') break
        box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac: OTHER, own: OWN, announced: true })
      }
      assert.equal(box.shown().state, state, node)
    }
  })

  test('and advertises: VRRP settles it, nothing is said', () => {
    const box = master('web1')
    for (let at = 0; at < 200; at += 1) {
      box.claim()
      box.run(10 + at / 50)
      if (at % 50 === 10) box.advert(WEB2, 100)
    }
    assert.equal(box.shown().state, 'MASTER')
    assert.ok(!codes(box.since()).includes('lan.two-holders'))
  })

  test('and lets go meanwhile: the probe finds nobody, and nothing is said', () => {
    const box = master('web2')
    box.claim()
    box.run(14)
    assert.equal(box.shown().state, 'MASTER')
    assert.deepEqual(codes(box.since()), [])
  })

  test('and runs keepalived: nobody lets go, since it knows nothing of the rule', () => {
    const box = master('web2', 'keepalived')
    stubborn(box, 4)
    assert.equal(box.shown().state, 'MASTER')
    assert.deepEqual(codes(box.since()), ['lan.two-holders'])
  })

  test('while this node cannot serve, though its priority is the higher one: it lets go after one interval', () => {
    const box = createNode(planFor('web1'))
    box.ready()
    box.send({ kind: 'arp-ready', ready: true })
    box.send({ kind: 'neighbour', address: WEB2, mac: OTHER })
    box.run(5)
    box.run(20, false)
    assert.deepEqual([box.shown().state, box.priority()], ['MASTER', 1])
    for (let at = 0; at < 120 && box.shown().state === 'MASTER'; at += 1) {
      box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac: OTHER, own: OWN, announced: true })
      box.run(20 + at / 100, false)
    }
    assert.equal(box.shown().state, 'FAULT')
    assert.deepEqual(deeds(box.actions).slice(-1), ['unbind'])
  })
})

describe('a probe for an address that we hold', () => {
  const probe = { kind: 'lan-probe', instance: 'www' } as const

  test('is answered by the engine itself, but a flood of them gets one answer each 10 ms', () => {
    const box = master('web1')
    assert.deepEqual(deeds(box.send(probe)), ['announce'])
    for (let at = 0; at < 1_000; at += 1) {
      box.run(10 + at / 10_000)
      box.send(probe)
    }
    assert.ok(announcements(box.since()) <= 12, `${announcements(box.since())} answers in 100 ms`)
  })

  test('is not answered by a backup', () => {
    const box = master('web2')
    box.advert(WEB1, 150)
    assert.deepEqual(deeds(box.send(probe)), [])
  })
})
