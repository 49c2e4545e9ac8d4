import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdvertDoubt, admitAdvert, doubtDeadline, followDoubts } from '../../../src/engine/core/adverts.ts'
import { awaitsAnswer } from '../../../src/engine/core/lan.ts'
import type { EngineEvent } from '../../../src/engine/core/types.ts'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { fromSeconds, type Micros } from '../../../src/shared/units.ts'
import { addressOf } from './cluster-config.ts'
import { backup, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

const WEB1 = addressOf(0)
const MAC = '02:00:00:00:00:10' as Mac

/** What becomes of an advert at web2, or why it is ignored. */
function heard(sight: Sight, from: Ipv4, priority = 250): string {
  const { plan, state } = see(sight)
  const advert = { version: 3, vrid: 51, priority, interval: fromSeconds(1), addresses: [] } as const
  const event = admitAdvert(plan, state, { kind: 'advert', now: NOW, instance: 'www', from, id: 7, advert })
  return event.kind === 'advert-ignored' ? event.why : event.kind
}

const confirmed: AdvertDoubt = { rounds: 5, since: ms(-4_000), askAt: undefined }
const doubts = (doubt: AdvertDoubt) => ({ doubts: new Map([['web1', doubt]]) })
const ACTIVE = { says: { state: 'MASTER', holding: true } } as const

test('of no node: ignored; from our own address: left to the router, which says so', () => {
  assert.equal(heard({}, '192.0.2.99' as Ipv4), 'foreign')
  assert.equal(heard({ phase: MASTER }, '192.0.2.99' as Ipv4), 'foreign')
  assert.equal(heard({}, addressOf(1)), 'advert')
})

test('in the name of a node that the channel hears: believed when it says that it holds', () => {
  assert.equal(heard({ web1: ACTIVE }, WEB1), 'advert')
  assert.equal(heard({}, WEB1), 'contradicted')
  assert.equal(heard({}, WEB1, 0), 'advert', 'a farewell is looked into elsewhere')
  assert.equal(heard({ phase: MASTER, web1: ACTIVE }, WEB1), 'advert')
  assert.equal(heard({ phase: MASTER }, WEB1), 'contradicted')
  assert.equal(heard({ phase: MASTER }, WEB1, 0), 'contradicted')
})

test('in the name of a node that the channel does not hear: counts, until the doubt is confirmed', () => {
  assert.equal(heard({ web1: { facts: SILENT } }, WEB1), 'advert')
  assert.equal(heard({ phase: MASTER, web1: { facts: SILENT } }, WEB1), 'advert')
  assert.equal(heard({ web1: { facts: SILENT }, peer: doubts(confirmed) }, WEB1), 'doubted')
  assert.equal(heard({ web1: { facts: SILENT }, peer: doubts({ ...confirmed, askAt: NOW }) }, WEB1), 'advert')
  assert.equal(heard({ web1: ACTIVE, peer: doubts(confirmed) }, WEB1), 'advert', 'it is heard again')
})

const followed = { node: 'web1', id: 7, at: ms(-100) }

/** The doubt about web1 after an event, and whether the LAN was asked. */
function doubtAfter(sight: Sight, event: Partial<EngineEvent> & { readonly kind: EngineEvent['kind'] }) {
  const { instance, runtime, view } = see({ web1: { facts: SILENT }, state: { arp: true }, ...sight })
  const step = followDoubts(instance, runtime, view, { now: NOW, ...event } as EngineEvent)
  return { doubt: step.runtime.peer.doubts.get('web1'), did: step.actions.map(({ kind }) => kind) }
}

const timer = { kind: 'timer' } as const

test('five questions that nobody answers, then its adverts count no more', () => {
  const begun = doubtAfter({ peer: { followed } }, timer)
  assert.deepEqual([begun.doubt?.rounds, begun.doubt?.since, begun.did], [1, NOW, ['probe-lan']])
  const waiting: AdvertDoubt = { rounds: 3, since: ms(-200), askAt: ms(10) }
  assert.deepEqual(doubtAfter({ peer: doubts(waiting) }, timer), { doubt: waiting, did: [] })
  const last = doubtAfter({ peer: doubts({ ...waiting, rounds: 4, askAt: NOW }) }, timer)
  assert.deepEqual([last.doubt?.rounds, last.did], [5, ['probe-lan']])
  const over = doubtAfter({ peer: doubts({ ...waiting, rounds: 5, askAt: NOW }) }, timer)
  assert.deepEqual([over.doubt?.askAt, over.did], [undefined, ['log']])
})

test('it answers for itself: asked again later; and for a whole wait nobody for the addresses: it does not serve', () => {
  const asked: AdvertDoubt = { rounds: 2, since: ms(-1_000), askAt: ms(10) }
  const there = doubtAfter({ peer: doubts(asked) }, { kind: 'neighbour', address: WEB1, mac: MAC })
  assert.deepEqual([there.doubt?.rounds, there.doubt?.since, there.did], [0, ms(-1_000), []])
  assert.ok((there.doubt?.askAt ?? 0) > ms(400))
  const long = doubtAfter({ peer: doubts({ rounds: 1, since: ms(-3_500), askAt: NOW }) }, timer)
  assert.deepEqual([long.doubt?.askAt, long.did], [undefined, ['log']])
})

test('somebody answers for the addresses: the doubt begins anew', () => {
  const claim = {
    kind: 'foreign-claim',
    instance: 'www',
    address: '192.0.2.100' as Ipv4,
    mac: MAC,
    own: MAC,
    announced: false,
  } as const
  const { doubt } = doubtAfter({ peer: doubts(confirmed) }, claim)
  assert.deepEqual([doubt?.rounds, doubt?.since], [0, NOW])
  assert.notEqual(doubt?.askAt, undefined)
  const held = doubtAfter({ phase: MASTER, peer: doubts(confirmed) }, claim)
  assert.equal(held.doubt, undefined, 'who holds beside it hears its adverts again')
  assert.deepEqual(
    doubtAfter({ phase: MASTER, peer: doubts(confirmed) }, { ...claim, instance: 'api' }).doubt,
    confirmed,
  )
})

test('its seal comes, though nothing proves that it is no recording: no doubt', () => {
  const sealed = (at: Micros) => ({
    peer: { followed, ...doubts(confirmed) },
    web1: { facts: { ...SILENT, unprovenAt: at } },
  })
  assert.equal(doubtAfter(sealed(ms(-500)), timer).doubt, undefined)
  assert.deepEqual(doubtAfter(sealed(ms(-9_000)), timer).doubt, confirmed)
})

test('no doubt: the channel hears it, ARP is not heard, nobody follows it; a master asks nothing and forgets nothing', () => {
  assert.equal(doubtAfter({ web1: ACTIVE, peer: doubts(confirmed) }, timer).doubt, undefined)
  assert.equal(doubtAfter({ state: { arp: false }, peer: { followed } }, timer).doubt, undefined)
  assert.equal(doubtAfter({}, timer).doubt, undefined)
  assert.equal(doubtAfter({ phase: MASTER, peer: { followed } }, timer).doubt, undefined)
  assert.deepEqual(doubtAfter({ phase: MASTER, peer: doubts(confirmed) }, timer).doubt, confirmed)
})

test('while a question is out the loop reads what has come before it decides', () => {
  const awaits = (doubt: AdvertDoubt): boolean => awaitsAnswer(see({ peer: doubts(doubt) }).runtime)
  assert.deepEqual([awaits({ ...confirmed, askAt: NOW }), awaits(confirmed)], [true, false])
})

test('the next instant: of a question, or when a whole wait has brought no answer', () => {
  const at = (doubt: AdvertDoubt): Micros | undefined => {
    const { instance, runtime } = see({ phase: backup(), peer: doubts(doubt) })
    return doubtDeadline(instance, runtime, NOW)
  }
  assert.equal(at({ rounds: 1, since: NOW, askAt: ms(60) }), ms(60))
  assert.ok((at({ rounds: 5, since: NOW, askAt: undefined }) ?? 0) >= ms(3_000))
})
