import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { capture } from '../../support/capture.ts'
import { connect, createPair } from '../../support/netns.ts'

const MAC = '525400000a01'

test('the neighbour sees one gratuitous ARP for each address, from the interface’s own MAC', async () => {
  using pair = createPair()
  pair.a.ip('link', 'set', 'e0', 'address', '52:54:00:00:0a:01')
  await using agent = startAgent(pair.a)
  await using wire = await capture(pair.b, 'e0', 'arp')
  assert.deepEqual(await agent.call('announce', 'e0', ['192.0.2.100', '192.0.2.101']), { ok: true })
  const frames = await wire.frames(2)
  assert.deepEqual(
    frames.map((frame) => frame.toString('hex', 0, 42)),
    ['c0000264', 'c0000265'].map((ip) => `ffffffffffff${MAC}08060001080006040001${MAC}${ip}ffffffffffff${ip}`),
  )
})

test('an interface that was re-created is found again', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('announce', 'e0', ['192.0.2.100']), { ok: true })
  pair.a.ip('link', 'del', 'e0')
  const gone = await agent.call('announce', 'e0', ['192.0.2.100'])
  assert.deepEqual(gone, { ok: false, error: 'interface e0: ENODEV: no such device, SIOCGIFINDEX' })
  connect(pair.a, pair.b)
  await using wire = await capture(pair.b, 'e0', 'arp')
  assert.deepEqual(await agent.call('announce', 'e0', ['192.0.2.100']), { ok: true })
  await wire.frames(1)
})

test('what cannot be announced is an error value', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('announce', 'lo', ['192.0.2.100']), {
    ok: false,
    error: 'interface lo is not an Ethernet interface',
  })
  pair.a.ip('link', 'set', 'e0', 'down')
  assert.deepEqual(await agent.call('announce', 'e0', ['192.0.2.100']), {
    ok: false,
    error: 'interface e0: ENETDOWN: network is down, sendto',
  })
})
