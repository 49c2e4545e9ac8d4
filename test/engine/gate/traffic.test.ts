import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  createGateLan,
  forget,
  type GateLan,
  neighbour,
  OTHER_VIP,
  OWN,
  OWN6,
  OWNERS,
  PORT,
  VIP,
  VIP6,
} from './support.ts'

let lan: GateLan

before(async () => {
  lan = await createGateLan()
})
after(() => lan[Symbol.asyncDispose]())
beforeEach(async () => {
  forget(lan.peer)
  for (const { owner } of OWNERS) await lan.engine.call('close', owner)
  assert.deepEqual(await lan.engine.call('prepare', OWNERS), { ok: true, value: { kind: 'ready' } })
})

const reaches = (address: string, patience = 300) => lan.client.call('reach', address, PORT, patience)

for (const [family, vip, own] of [
  ['IPv4', VIP, OWN],
  ['IPv6', VIP6, OWN6],
] as const) {
  describe(family, () => {
    test('closed: nobody answers for the address, and nothing gets in', async () => {
      assert.equal(await reaches(vip), false)
      assert.equal(neighbour(lan.peer, vip), undefined, 'no answer to who-has')
      assert.equal(await reaches(own), true, "the box's own address is left alone")
      const hardware = neighbour(lan.peer, own)
      assert.ok(hardware)
      lan.peer.ip('neigh', 'replace', vip, 'lladdr', hardware, 'dev', 'e0', 'nud', 'permanent')
      assert.equal(await reaches(vip), false, 'whoever knows the hardware address gets no connection')
      lan.peer.ip('neigh', 'del', vip, 'dev', 'e0')
    })

    test('open: answered, connected; closed again: not', async () => {
      await lan.engine.call('open', 'www', 10_000)
      assert.equal(await reaches(vip, 2_000), true)
      assert.ok(neighbour(lan.peer, vip))
      assert.deepEqual(await lan.engine.call('close', 'www'), { ok: true })
      assert.equal(await reaches(vip), false)
    })

    test('a connection that exists goes on when the gate closes', async () => {
      await lan.engine.call('open', 'www', 10_000)
      await lan.client.call('dial', vip, PORT)
      await lan.engine.call('close', 'www')
      assert.equal(await lan.client.call('echo', vip, 'still here'), 'still here')
      assert.equal(await reaches(vip), false, 'and a new one is not made')
    })

    test('clients on the box itself are not concerned', async () => {
      assert.equal(await lan.local.call('reach', vip, PORT, 1_000), true)
    })
  })
}

test('one owner opens its own addresses only, and renews itself only', async () => {
  await lan.engine.call('open', 'db', 700)
  await lan.engine.call('open', 'www', 10_000)
  assert.equal(await reaches(OTHER_VIP, 500), true)
  const renewed = lan.engine.call('renew', 'www', 10_000, 50, 16)
  await renewed
  assert.equal(await reaches(OTHER_VIP), false)
  assert.equal(await reaches(VIP), true)
})

test('a shorter lease shortens', async () => {
  await lan.engine.call('open', 'www', 10_000)
  await lan.engine.call('open', 'www', 9_000)
  assert.equal(await reaches(VIP), true)
  await lan.engine.call('open', 'www', 20)
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(await reaches(VIP), false)
})

test('what comes too late opens nothing', async () => {
  const late = await lan.engine.call('open', 'www', -5)
  assert.match(JSON.stringify(late), /too late/)
  assert.equal(await reaches(VIP), false)
})

test('an address that has moved away is none of our business: its new holder is believed', async () => {
  lan.box.ip('addr', 'del', `${VIP}/32`, 'dev', 'e0')
  lan.peer.ip('addr', 'add', `${VIP}/32`, 'dev', 'e0')
  lan.box.ip('neigh', 'replace', VIP, 'lladdr', '02:00:00:00:00:99', 'dev', 'e0', 'nud', 'stale')
  await lan.client.call('announce', 'e0', [VIP])
  const holder = /link\/ether (\S+)/.exec(lan.peer.ip('link', 'show', 'e0'))?.[1]
  while (neighbour(lan.box, VIP) !== holder) await new Promise((resolve) => setTimeout(resolve, 5))
  await lan.client.call('serve', PORT)
  assert.equal(await lan.local.call('reach', VIP, PORT, 1_000), true, 'reached over the LAN from the box')
  lan.peer.ip('addr', 'del', `${VIP}/32`, 'dev', 'e0')
  lan.box.ip('addr', 'add', `${VIP}/32`, 'dev', 'e0')
})
