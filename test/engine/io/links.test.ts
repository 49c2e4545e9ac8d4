import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AgentEvent, startAgent } from '../../support/agent.ts'
import { connect, createNamespace, createPair } from '../../support/netns.ts'

const linkIs = (name: string, detail: string) => (event: AgentEvent) =>
  event.event === 'link' && event.interface === name && event.detail === `interface ${name} ${detail}`

test('each watched interface is reported once at the start, also one that does not exist', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watch', 'e0', 'none0')
  assert.deepEqual(agent.pending(), [
    { event: 'link', interface: 'e0', up: true, detail: 'interface e0 is up' },
    { event: 'link', interface: 'none0', up: false, detail: 'interface none0 does not exist' },
  ])
})

test('a pulled cable and a disabled interface are told apart, and their return is seen', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watch', 'e0')
  await agent.next(linkIs('e0', 'is up'))
  pair.b.ip('link', 'set', 'e0', 'down')
  assert.equal((await agent.next(linkIs('e0', 'has no carrier'))).up, false)
  pair.b.ip('link', 'set', 'e0', 'up')
  assert.equal((await agent.next(linkIs('e0', 'is up'))).up, true)
  pair.a.ip('link', 'set', 'e0', 'down')
  assert.equal((await agent.next(linkIs('e0', 'is administratively down'))).up, false)
})

test('an interface that vanishes and comes back under a new index is followed', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watch', 'e0')
  await agent.next(linkIs('e0', 'is up'))
  pair.a.ip('link', 'del', 'e0')
  await agent.next(linkIs('e0', 'does not exist'))
  connect(pair.a, pair.b)
  await agent.next(linkIs('e0', 'is up'))
})

test('a renamed interface is gone under its old name', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watch', 'e0', 'lan0')
  for (const step of [
    ['link', 'set', 'e0', 'down'],
    ['link', 'set', 'e0', 'name', 'lan0'],
    ['link', 'set', 'lan0', 'up'],
  ]) {
    pair.a.ip(...step)
  }
  await agent.next(linkIs('e0', 'does not exist'))
  await agent.next(linkIs('lan0', 'is up'))
})

test('an interface that becomes a port of a bridge says of which', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  pair.a.ip('link', 'add', 'br0', 'type', 'bridge')
  await agent.call('watch', 'e0')
  assert.equal((await agent.next(linkIs('e0', 'is up'))).portOf, undefined)
  pair.a.ip('link', 'set', 'e0', 'master', 'br0')
  assert.equal((await agent.next(linkIs('e0', 'is up'))).portOf, 'br0')
})

test('leaving a bridge is not vanishing', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  pair.a.ip('link', 'add', 'br0', 'type', 'bridge')
  pair.a.ip('link', 'set', 'e0', 'master', 'br0')
  await agent.call('watch', 'e0', 'br0')
  await agent.next(linkIs('e0', 'is up'))
  pair.a.ip('link', 'set', 'e0', 'nomaster')
  pair.a.ip('link', 'del', 'br0')
  await agent.next(linkIs('br0', 'does not exist'))
  assert.deepEqual(
    agent.pending().filter((event) => event.interface === 'e0'),
    [],
  )
})

test('interfaces are listed with index, hardware address, state and addresses', async () => {
  using namespace = createNamespace()
  namespace.ip('link', 'add', 'd0', 'address', '52:54:00:00:00:01', 'type', 'veth', 'peer', 'name', 'd1')
  namespace.ip('link', 'set', 'd0', 'up')
  namespace.ip('link', 'set', 'd1', 'up')
  namespace.ip('addr', 'add', '198.51.100.7/25', 'dev', 'd0')
  namespace.ip('addr', 'add', '198.51.100.8/25', 'dev', 'd0', 'label', 'd0:8')
  namespace.ip('link', 'add', 'br0', 'type', 'bridge')
  await using agent = startAgent(namespace)
  const listed = await agent.call('interfaces')
  assert.ok(Array.isArray(listed))
  const byName = new Map(listed.map((each) => [each.name, each]))
  assert.deepEqual([...byName.keys()].sort(), ['br0', 'd0', 'd1', 'lo'])
  assert.equal(byName.get('lo').addresses[0].address, '127.0.0.1')
  const index = Number.parseInt(namespace.ip('-o', 'link', 'show', 'dev', 'd0'), 10)
  assert.deepEqual(byName.get('d0'), {
    name: 'd0',
    index,
    hardwareAddress: '52:54:00:00:00:01',
    up: true,
    addresses: [
      { address: '198.51.100.7', length: 25, label: 'd0', protocol: 0 },
      { address: '198.51.100.8', length: 25, label: 'd0:8', protocol: 0 },
    ],
  })
  assert.equal(byName.get('br0').up, false)
  assert.deepEqual(byName.get('br0').addresses, [])
})
