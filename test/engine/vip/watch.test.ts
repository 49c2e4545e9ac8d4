import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, type AgentEvent, startAgent } from '../../support/agent.ts'
import { createPair } from '../../support/netns.ts'
import { bound, done } from './support.ts'

const VIP = bound('192.0.2.100/32')
const OWN = '192.0.2.11/24 e0'

/** The next report in which these are the addresses of `e0`. */
const report = (agent: Agent, ...expected: readonly string[]): Promise<AgentEvent> =>
  agent.next(
    ({ event, seen }) =>
      event === 'addresses' &&
      Array.isArray(seen) &&
      seen.filter((each: string) => each.includes(' e0')).join() === expected.join(),
  )

test('addresses are reported at the start and after each change, with whose they are', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watchAddresses')
  await report(agent, OWN)
  await agent.call('apply', 'www', [VIP])
  await report(agent, OWN, '192.0.2.100/32 e0 ours')
  pair.a.ip('addr', 'add', '192.0.2.50/32', 'dev', 'e0')
  await report(agent, OWN, '192.0.2.100/32 e0 ours', '192.0.2.50/32 e0')
  pair.a.ip('addr', 'flush', 'dev', 'e0')
  await report(agent)
})

test('a renewed lifetime is no change; a mark that was taken away is one', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watchAddresses')
  await agent.call('apply', 'www', [VIP])
  await report(agent, OWN, '192.0.2.100/32 e0 ours')
  const before = agent.pending().length
  await agent.call('renew', 'www', 60)
  await agent.call('renew', 'www', 60)
  pair.a.ip('addr', 'replace', '192.0.2.100/32', 'dev', 'e0')
  await report(agent, OWN, '192.0.2.100/32 e0')
  assert.equal(agent.pending().length, before, 'one report, of the mark')
})

test('who removed an address is told: the kernel names the socket, /proc the program', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watchAddresses')
  await agent.call('apply', 'www', [VIP])
  await report(agent, OWN, '192.0.2.100/32 e0 ours')
  // Another process that goes on living after it.
  await using other = startAgent(pair.a)
  await other.call('cleanup')
  await report(agent, OWN)
  // Node calls its main thread "node", or "node-MainThread".
  assert.match(
    JSON.stringify(await agent.call('whoRemoved', VIP)),
    new RegExp(`program .*node.* \\(pid ${other.pid}\\)`),
  )
})

test('the removal of an interface takes its addresses along', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watchAddresses')
  await agent.call('apply', 'www', [VIP])
  await report(agent, OWN, '192.0.2.100/32 e0 ours')
  pair.a.ip('link', 'del', 'e0')
  await report(agent)
})

test('changes faster than they can be read: the last report is true', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('watchAddresses')
  for (let round = 0; round < 10; round += 1) {
    pair.a.ip('addr', 'add', '192.0.2.50/32', 'dev', 'e0')
    pair.a.ip('addr', 'del', '192.0.2.50/32', 'dev', 'e0')
  }
  pair.a.ip('addr', 'add', '192.0.2.51/32', 'dev', 'e0')
  await report(agent, OWN, '192.0.2.51/32 e0')
})

test('what is missing is what was removed, or replaced by one without our mark', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const desired = [VIP, bound('192.0.2.101/24')]
  await agent.call('apply', 'www', desired)
  assert.deepEqual(await agent.call('missing', desired), { ok: true, value: [] })
  pair.a.ip('addr', 'del', '192.0.2.100/32', 'dev', 'e0')
  pair.a.ip('addr', 'replace', '192.0.2.101/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('missing', desired), { ok: true, value: JSON.parse(JSON.stringify(desired)) })
})

test('an address that was replaced in its place is marked again, and goes when it is released', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  const desired = [bound('192.0.2.101/24', 'e0:v')]
  await agent.call('apply', 'www', desired)
  pair.a.ip('addr', 'replace', '192.0.2.101/24', 'dev', 'e0', 'valid_lft', '60', 'preferred_lft', '60')
  assert.deepEqual(await agent.call('apply', 'www', desired), done)
  assert.match(pair.a.ip('-d', 'addr', 'show', 'dev', 'e0'), /192\.0\.2\.101\/24 .*e0:v\n\s+valid_lft forever/)
  assert.deepEqual(await agent.call('missing', desired), { ok: true, value: [] })
  pair.a.ip('addr', 'replace', '192.0.2.101/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', []), done)
  assert.deepEqual(pair.a.addresses('e0'), [OWN])
})

test("the same address with another prefix is a stranger's: it serves, and stays", async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [VIP])
  pair.a.ip('addr', 'del', '192.0.2.100/32', 'dev', 'e0')
  pair.a.ip('addr', 'add', '192.0.2.100/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('apply', 'www', [VIP]), done)
  await agent.call('apply', 'www', [])
  assert.deepEqual(pair.a.addresses('e0'), [OWN, '192.0.2.100/24 e0'])
})
