import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NodeKind } from '../../../src/config/types.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromSeconds, type Micros, ZERO } from '../../../src/shared/units.ts'
import { createNode, deeds, instance, planFor, WEB2 } from './support.ts'

const VIP = '192.0.2.100' as Ipv4
const OWN = '52:54:00:00:00:0a' as Mac
const OTHER = '52:54:00:00:00:0b' as Mac
/** Its first announcements are over, and those of 10 s after that a claim brings. */
const CLAIMED = 20

/** A master because nobody was heard. */
function alone({
  refresh = ZERO,
  kind = 'haup',
  hears = true,
}: {
  refresh?: Micros
  kind?: NodeKind
  hears?: boolean
}) {
  const plan = planFor('web1', [instance({ track: [], announceRefresh: refresh })])
  const instances = plan.instances.map((each) => ({ ...each, peers: each.peers.map((peer) => ({ ...peer, kind })) }))
  const box = createNode({ ...plan, instances })
  box.ready()
  box.send({ kind: 'arp-ready', ready: hears })
  box.run(CLAIMED)
  const see = (): void => void box.send({ kind: 'neighbour', address: WEB2, mac: OTHER })
  /** How often it announces and asks up to a later second, the other node being seen each second. */
  const until = (second: number, seen: boolean) => {
    const before = box.actions.length
    for (let at = Number(box.now()) / 1_000_000 + 1; at <= second; at += 1) {
      box.run(at)
      if (seen) see()
    }
    const actions = box.actions.slice(before)
    const asked = actions.filter((action) => action.kind === 'probe-lan').length
    return { announced: deeds(actions).filter((deed) => deed === 'announce').length, asked }
  }
  return { ...box, until, see }
}

const isAbout = (found: number, wanted: number): boolean => Math.abs(found - wanted) <= 1

describe('a master that claimed because it heard nothing', () => {
  test('announces and asks each second for as long as the other node is not seen', () => {
    const { announced, asked } = alone({}).until(CLAIMED + 60, false)
    assert.ok(isAbout(announced, 60) && isAbout(asked, 60), `${announced} ${asked}`)
  })

  test('ends that when the other node has been seen for ten seconds, and claimed nothing', () => {
    const box = alone({})
    assert.ok(isAbout(box.until(CLAIMED + 12, true).announced, 11))
    assert.deepEqual(box.until(CLAIMED + 60, true), { announced: 0, asked: 0 })
  })

  test('once is not enough: the split may be back', () => {
    const box = alone({})
    box.see()
    box.until(CLAIMED + 30, false)
    box.see()
    assert.ok(isAbout(box.until(CLAIMED + 38, true).announced, 8))
    assert.ok(box.until(CLAIMED + 41, true).announced > 0)
    assert.equal(box.until(CLAIMED + 60, true).announced, 0)
  })

  test('a claim of the other node begins it anew', () => {
    const box = alone({})
    box.until(CLAIMED + 8, true)
    box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac: OTHER, own: OWN, announced: true })
    assert.ok(isAbout(box.until(CLAIMED + 17, true).announced, 9))
    assert.ok(box.until(CLAIMED + 25, true).announced >= 3)
  })

  for (const [what, options] of [
    ['announcements come as often anyway', { refresh: fromSeconds(0.5) }],
    ['the other node obeys no announcement', { kind: 'keepalived' }],
    ['ARP is not heard', { hears: false }],
  ] as const) {
    test(`does nothing of it where ${what}`, () => {
      assert.equal(alone(options).until(CLAIMED + 30, false).asked, 0)
    })
  }

  test('one that claimed because the other let go is not alone', () => {
    const box = createNode(planFor('web1', [instance({ track: [] })]))
    box.ready()
    box.send({ kind: 'arp-ready', ready: true })
    box.advert(WEB2, 0)
    box.run(CLAIMED)
    assert.equal(box.shown().state, 'MASTER')
    assert.equal(box.state().instances.get('www')?.lan.alone, undefined)
  })
})
