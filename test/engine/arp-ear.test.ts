import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createArpEar } from '../../src/engine/arp-ear.ts'
import type { EngineEvent, NodePlan } from '../../src/engine/core/types.ts'
import { createCounters } from '../../src/engine/counters.ts'
import type { ArpHeard } from '../../src/engine/ports.ts'
import type { ArpPacket, Mac } from '../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../src/shared/ip.ts'
import type { LogRecord } from '../../src/shared/log.ts'
import { fromMillis, type Micros, plus, ZERO } from '../../src/shared/units.ts'
import { instance, planFor, WEB2 } from './core/support.ts'

const VIP = '192.0.2.100' as Ipv4
const OWN = '52:54:00:00:00:0a' as Mac
const MAC = '52:54:00:00:00:0b' as Mac
const NODE = '52:54:00:00:00:0c' as Mac

function ear(listens: () => string | undefined = () => undefined) {
  let now: Micros = ZERO
  let plan: NodePlan = planFor('web1')
  let onHeard: (heard: ArpHeard) => void = () => undefined
  const events: EngineEvent[] = []
  const lists: string[][] = []
  const probed: string[] = []
  const logged: LogRecord[] = []
  const counters = createCounters()
  const created = createArpEar({
    instances: () => plan.instances,
    stations: () => new Map([[WEB2, NODE]]),
    clock: { now: () => now, wakeAt: () => undefined, after: () => () => undefined },
    openArp: (listener) => {
      onHeard = listener
      return {
        listen: (addresses) => {
          lists.push([...addresses])
          const error = listens()
          return error === undefined ? { ok: true, value: undefined } : { ok: false, error }
        },
        probe: (name, addresses) => {
          probed.push(`${name} ${addresses.join(' ')}`)
          return { ok: true, value: undefined }
        },
        close: () => undefined,
      }
    },
    dispatch: (event) => events.push(event),
    counters: () => counters,
    log: (record) => logged.push(record),
  })
  const hear = (kind: ArpPacket['kind'], address: Ipv4 = VIP, name = 'eth0', mac = MAC) =>
    onHeard({ interface: name, own: OWN, packet: { kind, mac, address } })
  const pass = (ms: number): void => {
    now = plus(now, fromMillis(ms))
  }
  const follow = (next: NodePlan): void => {
    plan = next
  }
  return { ...created, hear, pass, follow, events, lists, probed, logged, counters, plan: () => plan }
}

test('what is heard becomes an event of the instance that has the address on that interface', () => {
  const box = ear()
  box.hear('claim')
  box.hear('announcement')
  box.hear('probe')
  box.hear('announcement', VIP, 'eth1')
  box.hear('claim', WEB2)
  box.hear('probe', WEB2)
  box.hear('claim', '192.0.2.77' as Ipv4)
  const claim = { kind: 'foreign-claim', now: ZERO, instance: 'www', address: VIP, mac: MAC, own: OWN }
  assert.deepEqual(box.events, [
    { ...claim, announced: false },
    { ...claim, announced: true },
    { kind: 'lan-probe', now: ZERO, instance: 'www' },
    { kind: 'neighbour', now: ZERO, address: WEB2, mac: MAC },
  ])
  assert.equal(box.counters.read().foreign_claims_heard, 2)
})

test('a flood is counted, and lets through what a few milliseconds can take', () => {
  const box = ear()
  for (let each = 0; each < 10_000; each += 1) box.hear('announcement')
  assert.equal(box.events.length, 4)
  assert.equal(box.counters.read().foreign_claims_heard, 10_000)
  box.pass(20)
  box.hear('announcement')
  assert.equal(box.events.length, 5)
})

test("a node's answers do not drown in a flood, of whatever kind and for whatever address", () => {
  const box = ear()
  for (let each = 0; each < 1_000; each += 1) {
    const mac =
      `52:54:00:01:${(each >> 8).toString(16).padStart(2, '0')}:${(each & 255).toString(16).padStart(2, '0')}` as Mac
    for (const kind of ['announcement', 'claim', 'probe'] as const) box.hear(kind, VIP, 'eth0', mac)
    box.hear('claim', WEB2, 'eth0', mac)
  }
  assert.equal(box.events.length, 4 * 4)
  for (let each = 0; each < 16; each += 1) box.hear('announcement', VIP, 'eth0', NODE)
  box.hear('claim', WEB2, 'eth0', NODE)
  assert.deepEqual(
    box.events.slice(16).map((event) => event.kind),
    [...Array(16).fill('foreign-claim'), 'neighbour'],
  )
})

test('it listens for the addresses and the other nodes, and anew only when they change', () => {
  const box = ear()
  box.listen()
  box.listen()
  assert.deepEqual(box.lists, [[VIP, WEB2]])
  const more = { address: '192.0.2.101' as Ipv4, length: 24 }
  const virtualAddresses = [...instance().virtualAddresses, { address: more, interface: 'eth1', label: undefined }]
  box.follow(planFor('web1', [instance({ virtualAddresses })]))
  box.listen()
  assert.deepEqual(box.lists.at(-1), [VIP, '192.0.2.101', WEB2])
  const [plan] = box.plan().instances
  assert.ok(plan)
  box.probe(plan, fromMillis(20))
  assert.deepEqual(box.probed, [`eth0 ${VIP} ${WEB2}`, `eth1 192.0.2.101 ${WEB2}`])
})

test('when it cannot hear it says so once, tells the core, and tries again when asked to', () => {
  let error: string | undefined = 'ARP socket: EPERM'
  const box = ear(() => error)
  box.listen()
  box.listen()
  assert.equal(box.logged.length, 1)
  assert.match(box.logged[0]?.message ?? '', /would not be noticed: ARP socket: EPERM/)
  error = undefined
  box.listen()
  assert.deepEqual(
    box.events.map((event) => event.kind === 'arp-ready' && event.ready),
    [false, false, true],
  )
})
