import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mac } from '../../../src/engine/vrrp/arp.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'
import { createNode, deeds, instance, planFor, WEB1, WEB2 } from './support.ts'

/** A flood of strangers must not make a node forget the other node, or overhear it. */

const VIP = '192.0.2.100' as Ipv4
const OTHER = '52:54:00:00:00:0b' as Mac
const OWN = '52:54:00:00:00:0a' as Mac
const MANY = 100

function node(name: 'web1' | 'web2') {
  const box = createNode(planFor(name, [instance({ track: [] })]))
  box.ready()
  box.send({ kind: 'arp-ready', ready: true })
  box.send({ kind: 'neighbour', address: name === 'web1' ? WEB2 : WEB1, mac: OTHER })
  const claim = (mac: Mac) =>
    box.send({ kind: 'foreign-claim', instance: 'www', address: VIP, mac, own: OWN, announced: true })
  const lan = () => box.state().instances.get('www')?.lan ?? assert.fail()
  const strangersClaim = (): void => {
    for (let each = 0; each < MANY; each += 1) claim(`52:54:00:00:01:${each.toString(16).padStart(2, '0')}` as Mac)
  }
  return { ...box, claim, lan, strangersClaim }
}

test('strangers that advertise push each other out, and never a node', () => {
  const box = node('web2')
  box.advert(WEB1, 150)
  for (let each = 0; each < MANY; each += 1) {
    box.send({ kind: 'stranger', instance: 'www', from: `198.51.100.${each}` as Ipv4 })
  }
  const { heard } = box.lan()
  assert.equal(heard.get(WEB1), 0)
  assert.equal(heard.size, 33)
  assert.ok(heard.has('198.51.100.99' as Ipv4) && !heard.has('198.51.100.0' as Ipv4), 'the oldest stranger went')
})

test('a node that claims too is noticed behind any number of strangers, and the one with the lower right lets go', () => {
  const box = node('web2')
  box.advert(WEB1, 0)
  box.run(10)
  box.strangersClaim()
  for (let at = 10; at < 13; at += 0.02) {
    box.run(at)
    box.strangersClaim()
    box.claim(OTHER)
  }
  assert.equal(box.shown().state, 'BACKUP')
  assert.ok(deeds(box.actions).includes('unbind'))
})

test('an answer of the node to a probe counts behind any number of strangers', () => {
  const box = node('web2')
  box.advert(WEB1, 150)
  box.run(3.56)
  assert.equal(box.lan().doubt?.kind, 'probing')
  box.strangersClaim()
  box.claim(OTHER)
  box.run(3.7)
  assert.equal(box.shown().state, 'BACKUP')
  assert.equal(box.lan().doubt?.node, 'web1')
})
