import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { createPair, type Namespace } from '../../support/netns.ts'
import { bound, done, IP } from './support.ts'

/** Virtual addresses with a prefix shorter than /32, next to the box's own: neither may take the other along. */

const routes = (namespace: Namespace): string => namespace.ip('route', 'show').replace(/ +\n/g, '\n').trim()

test('a secondary shares the route of the box’s own address', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const before = routes(pair.a)
  assert.deepEqual(await agent.call('apply', 'www', [bound('192.0.2.100/24')]), done)
  assert.match(pair.a.ip('addr', 'show', 'dev', 'e0'), /192\.0\.2\.100\/24 scope global secondary e0/)
  assert.equal(routes(pair.a), before)
})

test('removing the box’s own address leaves the virtual one, with its route', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24')])
  pair.a.ip('addr', 'del', '192.0.2.11/24', 'dev', 'e0')
  assert.deepEqual(pair.a.addresses('e0'), ['192.0.2.100/24 e0'])
  assert.equal(routes(pair.a), '192.0.2.0/24 dev e0 proto kernel scope link src 192.0.2.100')
})

test('unbinding a virtual address that became primary leaves the box’s own', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24')])
  pair.a.ip('addr', 'del', '192.0.2.11/24', 'dev', 'e0')
  pair.a.ip('addr', 'add', '192.0.2.11/24', 'dev', 'e0')
  assert.match(pair.a.ip('addr', 'show', 'dev', 'e0'), /192\.0\.2\.11\/24 scope global secondary e0/)
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})

test('applying it again puts it behind the box’s own', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const before = routes(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24')])
  pair.a.ip('addr', 'del', '192.0.2.11/24', 'dev', 'e0')
  pair.a.ip('addr', 'add', '192.0.2.11/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', [bound('192.0.2.100/24')]), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/24 e0'])
  assert.equal(routes(pair.a), before)
})

test('so does cleaning up after a crash', async () => {
  using pair = createPair()
  const first = startAgent(pair.a)
  await first.call('apply', 'www', [bound('192.0.2.100/24')])
  await first.kill()
  pair.a.ip('addr', 'del', '192.0.2.11/24', 'dev', 'e0')
  pair.a.ip('addr', 'add', '192.0.2.11/24', 'dev', 'e0')
  await using second = startAgent(pair.a)
  await second.call('cleanup')
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})

test('a longer prefix within the box’s own subnet does not draw its traffic', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const before = routes(pair.a)
  assert.deepEqual(await agent.call('apply', 'www', [bound('192.0.2.100/25')]), done)
  assert.equal(routes(pair.a), before)
  assert.match(pair.a.ip('route', 'get', '192.0.2.12'), /src 192\.0\.2\.11/)
})

test('a subnet of its own comes with its route', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('apply', 'www', [bound('198.51.100.1/24')]), done)
  assert.match(routes(pair.a), /^198\.51\.100\.0\/24 dev e0 proto kernel scope link src 198\.51\.100\.1$/m)
})
