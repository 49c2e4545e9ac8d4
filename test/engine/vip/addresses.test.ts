import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { createPair } from '../../support/netns.ts'
import { bound, done, IP } from './support.ts'

test('addresses are bound with their label and mark, read back, and unbound', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('apply', 'www', [bound('192.0.2.100/32'), bound('192.0.2.5/24', 'e0:1')]), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/32 e0', '192.0.2.5/24 e0:1'])
  const listed = await agent.call('interfaces')
  assert.ok(Array.isArray(listed))
  const e0 = listed.find((each) => each.name === 'e0')
  assert.deepEqual(
    e0.addresses.map((each: { readonly protocol: number }) => each.protocol),
    [0, 72, 72],
  )
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})

test('applying again changes nothing', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const desired = [bound('192.0.2.100/32'), bound('192.0.2.101/24')]
  await agent.call('apply', 'www', desired)
  const before = pair.a.ip('-d', 'addr', 'show')
  assert.deepEqual(await agent.call('apply', 'www', desired), done)
  assert.equal(pair.a.ip('-d', 'addr', 'show'), before)
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(await agent.call('apply', 'www', []), done)
})

test('an address that somebody removed is put back, or does not hinder unbinding', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const desired = [bound('192.0.2.100/32')]
  await agent.call('apply', 'www', desired)
  pair.a.ip('addr', 'del', '192.0.2.100/32', 'dev', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', desired), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/32 e0'])
  pair.a.ip('addr', 'del', '192.0.2.100/32', 'dev', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', []), done)
})

test('owners do not touch each other’s addresses, also at the same time', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const replies = await Promise.all([
    agent.call('apply', 'www', [bound('192.0.2.100/32')]),
    agent.call('apply', 'mail', [bound('192.0.2.101/32')]),
    agent.call('apply', 'www', [bound('192.0.2.102/32')]),
    agent.call('apply', 'mail', []),
  ])
  assert.deepEqual(replies, [done, done, done, done])
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.102/32 e0'])
})

test('an address that somebody else has set is used as it is, whatever its prefix, and never removed', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  pair.a.ip('addr', 'add', '192.0.2.100/24', 'dev', 'e0', 'label', 'e0:web')
  const before = pair.a.ip('-d', 'addr', 'show', 'dev', 'e0')
  const desired = [bound('192.0.2.100/32'), bound('192.0.2.101/32')]
  assert.deepEqual(await agent.call('apply', 'www', desired), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.101/32 e0', '192.0.2.100/24 e0:web'])
  assert.deepEqual(await agent.call('missing', desired), { ok: true, value: [] })
  assert.deepEqual(await agent.call('others', desired), { ok: true, value: [bound('192.0.2.100/24', 'e0:web')] })
  await agent.call('renew', 'www', 60)
  assert.deepEqual(await agent.call('apply', 'www', desired), done)
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(await agent.call('cleanup'), [])
  assert.equal(pair.a.ip('-d', 'addr', 'show', 'dev', 'e0'), before)
})

test('one that somebody else has set and takes away again is missing, and becomes an own one', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const desired = [bound('192.0.2.100/32')]
  pair.a.ip('addr', 'add', '192.0.2.100/24', 'dev', 'e0')
  await agent.call('apply', 'www', desired)
  pair.a.ip('addr', 'del', '192.0.2.100/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('missing', desired), { ok: true, value: JSON.parse(JSON.stringify(desired)) })
  await agent.call('apply', 'www', desired)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/32 e0'])
  await agent.call('apply', 'www', [])
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})

test('after kill -9 the next life finds and removes what was left, on every interface', async () => {
  using pair = createPair()
  pair.a.ip('link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1')
  const desired = [
    bound('192.0.2.100/24'),
    bound('192.0.2.5/24', 'e0:1'),
    { ...bound('198.51.100.1/25'), interface: 'd0' },
  ]
  const first = startAgent(pair.a)
  assert.deepEqual(await first.call('apply', 'www', desired), done)
  await first.kill()
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/24 e0', '192.0.2.5/24 e0:1'])
  await using second = startAgent(pair.a)
  const removed = await second.call('cleanup')
  assert.ok(Array.isArray(removed))
  assert.deepEqual(
    removed
      .map((each) => `${each.interface} ${each.address.address}/${each.address.length} ${each.label ?? ''}`)
      .sort(),
    ['d0 198.51.100.1/25 ', 'e0 192.0.2.100/24 ', 'e0 192.0.2.5/24 e0:1'],
  )
  assert.deepEqual([pair.a.addresses('e0'), pair.a.addresses('d0')], [[IP], []])
  assert.deepEqual(await second.call('cleanup'), [])
})

test('left-overs are adopted by an owner that wants them', async () => {
  using pair = createPair()
  const first = startAgent(pair.a)
  await first.call('apply', 'www', [bound('192.0.2.100/32')])
  await first.kill()
  await using second = startAgent(pair.a)
  assert.deepEqual(await second.call('apply', 'www', [bound('192.0.2.100/32')]), done)
  assert.deepEqual(await second.call('apply', 'www', []), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})

test('a changed label, prefix length or interface is carried out', async () => {
  using pair = createPair()
  pair.a.ip('link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1')
  await using agent = startAgent(pair.a)
  for (const [desired, expected] of [
    [bound('192.0.2.100/32'), '192.0.2.100/32 e0'],
    [bound('192.0.2.100/32', 'e0:9'), '192.0.2.100/32 e0:9'],
    [bound('192.0.2.100/24', 'e0:9'), '192.0.2.100/24 e0:9'],
  ] as const) {
    assert.deepEqual(await agent.call('apply', 'www', [desired]), done)
    assert.deepEqual(pair.a.addresses('e0'), [IP, expected])
  }
  assert.deepEqual(await agent.call('apply', 'www', [{ ...bound('192.0.2.100/32'), interface: 'd0' }]), done)
  assert.deepEqual([pair.a.addresses('e0'), pair.a.addresses('d0')], [[IP], ['192.0.2.100/32 d0']])
})

test('a missing interface is an error; one that vanished with its addresses does not hinder unbinding', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('apply', 'www', [{ ...bound('192.0.2.100/32'), interface: 'none0' }]), {
    ok: false,
    error: 'cannot add 192.0.2.100: interface none0 does not exist',
  })
  await agent.call('apply', 'www', [bound('192.0.2.100/32')])
  pair.a.ip('link', 'del', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', []), done)
})

test('hundreds of addresses are bound and unbound at once', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const many = Array.from({ length: 400 }, (_, at) => bound(`198.51.${100 + (at >> 8)}.${at & 255}/32`))
  assert.deepEqual(await agent.call('apply', 'www', many), done)
  assert.equal(pair.a.addresses('e0').length, 401)
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})
