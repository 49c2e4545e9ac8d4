import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { capture } from '../../support/capture.ts'
import { createPair, type Namespace, type Pair } from '../../support/netns.ts'

/** A in the pair asks, B is its LAN. */
const start = ({ a }: Pair) => startAgent(a, join(import.meta.dirname, 'support', 'reach-process.ts'))

const B = '192.0.2.12'

/** B goes on, and answers no ARP any more. */
const darken = (b: Namespace) => b.ip('link', 'set', 'e0', 'arp', 'off')
const lighten = (b: Namespace) => b.ip('link', 'set', 'e0', 'arp', 'on')
const gatewayIsB = (a: Namespace) => a.ip('route', 'add', 'default', 'via', B, 'dev', 'e0')

test('the gateway tells that the LAN is there, and no kernel learns from it', async () => {
  using pair = createPair()
  await using agent = start(pair)
  assert.equal(await agent.call('lan', 'e0'), 'unknown', 'nobody is known')
  gatewayIsB(pair.a)
  assert.equal(await agent.call('lan', 'e0'), 'reached')
  assert.equal(await agent.call('lan', 'e0', B), 'unknown', 'a node is no gateway here')
  assert.equal(pair.a.ip('neigh', 'show'), '')
  assert.equal(pair.b.ip('neigh', 'show'), '')
})

test('a gateway of several is enough, and one of another interface tells nothing', async () => {
  using pair = createPair()
  await using agent = start(pair)
  pair.a.ip('link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1')
  pair.a.ip('link', 'set', 'd1', 'arp', 'off', 'up')
  pair.a.ip('addr', 'add', '198.51.100.1/24', 'dev', 'd0')
  pair.a.ip('link', 'set', 'd0', 'up')
  const [other, here, silent] = ['198.51.100.2', B, '192.0.2.77'].map((via) => ['nexthop', 'via', via])
  pair.a.ip(
    'route',
    'add',
    'default',
    ...(other ?? []),
    'dev',
    'd0',
    ...(here ?? []),
    'dev',
    'e0',
    ...(silent ?? []),
    'dev',
    'e0',
  )
  assert.equal(await agent.call('lan', 'e0'), 'reached')
  assert.equal(await agent.call('lan', 'd0'), 'dark')
})

test('dark when nobody answers, twice asked; reached again as soon as somebody does', async () => {
  using pair = createPair()
  await using agent = start(pair)
  gatewayIsB(pair.a)
  assert.equal(await agent.call('lan', 'e0'), 'reached')
  await using seen = await capture(pair.b, 'e0', 'arp')
  darken(pair.b)
  assert.equal(await agent.call('lan', 'e0'), 'dark')
  const [probe, request] = (await seen.frames(2)).map((frame) => frame.subarray(28, 32).join('.'))
  assert.equal(probe, '0.0.0.0', 'first as RFC 5227 says')
  assert.equal(request, '192.0.2.11', 'then as a kernel asks')
  lighten(pair.b)
  assert.equal(await agent.call('lan', 'e0'), 'reached')
})

test('a router that answers no probes is there, too', async () => {
  using pair = createPair()
  await using agent = start(pair)
  gatewayIsB(pair.a)
  const rules = 'table arp t { chain c { type filter hook input priority 0; arp saddr ip 0.0.0.0 drop; }; }'
  const nft = spawn('ip', ['netns', 'exec', pair.b.name, 'nft', rules], { stdio: 'inherit' })
  await once(nft, 'exit')
  assert.equal(await agent.call('lan', 'e0'), 'reached')
})

test('neighbours that answered lately stand in for a gateway, and are remembered in the dark', async () => {
  using pair = createPair()
  await using agent = start(pair)
  pair.a.ip('neigh', 'add', B, 'dev', 'e0', 'lladdr', '02:00:00:00:00:01', 'nud', 'reachable')
  assert.equal(await agent.call('lan', 'e0'), 'reached')
  assert.equal(await agent.call('lan', 'e0', B), 'unknown')
  pair.a.ip('neigh', 'flush', 'all')
  assert.equal(await agent.call('lan', 'e0'), 'reached')
  darken(pair.b)
  assert.equal(await agent.call('lan', 'e0'), 'dark')
  assert.equal(await agent.call('lan', 'e0'), 'dark')
  lighten(pair.b)
  assert.equal(await agent.call('lan', 'e0'), 'reached')
})

test('down: without carrier, switched off, or not there', async () => {
  using pair = createPair()
  await using agent = start(pair)
  gatewayIsB(pair.a)
  pair.b.ip('link', 'set', 'e0', 'down')
  // The interface's flags follow its carrier up to a second late; a route without carrier leaves nobody to ask until then.
  const deadline = performance.now() + 3_000
  while ((await agent.call('lan', 'e0')) === 'unknown' && performance.now() < deadline);
  assert.equal(await agent.call('lan', 'e0'), 'down')
  pair.a.ip('link', 'set', 'e0', 'down')
  assert.equal(await agent.call('lan', 'e0'), 'down')
  assert.equal(await agent.call('lan', 'e7'), 'down')
  assert.equal(await agent.call('lan', 'lo'), 'unknown', 'no Ethernet')
})

type Answer = { readonly ok: boolean; readonly detail: string }

test('configured witnesses: arp, ping, tcp, http', async () => {
  using pair = createPair()
  await using agent = start(pair)
  const check = (target: object, ms = 300) => agent.call('check', target, ms) as Promise<Answer>
  const arp = { kind: 'arp', interface: 'e0', address: B }
  const ping = { kind: 'ping', address: B, interface: 'e0' }
  assert.match((await check(arp)).detail, /^answered in /)
  assert.equal(pair.a.ip('neigh', 'show'), '')
  assert.match((await check(ping)).detail, /^answered in /)
  assert.match((await check({ kind: 'ping', address: B })).detail, /^answered in /)
  const local = { kind: 'ping', address: '127.0.0.1', interface: 'e0' }
  assert.equal((await check(local, 100)).ok, false, 'not by this interface')
  assert.deepEqual(await check({ kind: 'tcp', host: B, port: 9 }), { ok: false, detail: 'connection refused' })
  const http = { kind: 'http', url: `http://${B}:9/`, status: [[100, 599]], ca: { kind: 'none' } }
  assert.deepEqual(await check(http), { ok: false, detail: 'connection refused' })
  const unreachable = { kind: 'ping', address: '203.0.113.1' }
  assert.deepEqual(await check(unreachable), { ok: false, detail: 'ENETUNREACH (Network is unreachable)' })
  darken(pair.b)
  assert.deepEqual(await check(arp, 100), { ok: false, detail: 'no answer within 100ms' })
  pair.a.ip('neigh', 'flush', 'all')
  assert.deepEqual(await check(ping, 100), { ok: false, detail: 'no answer within 100ms' })
  assert.equal((await check({ ...arp, interface: 'e7' })).ok, false)
  await agent.call('close')
  assert.deepEqual(await check(ping), { ok: false, detail: 'the port is closed' })
})

test('an http witness is there when it answers, whatever it says', async () => {
  using pair = createPair()
  await using agent = start(pair)
  const program = "require('http').createServer((q, a) => a.writeHead(503).end()).listen(80, () => console.log('up'))"
  const server = spawn('ip', ['netns', 'exec', pair.b.name, process.execPath, '-e', program])
  await once(server.stdout, 'data')
  const http = { kind: 'http', url: `http://${B}/`, status: [[100, 599]], ca: { kind: 'none' } }
  const answers = await Promise.all(
    [http, { kind: 'tcp', host: B, port: 80 }].map((each) => agent.call('check', each, 2_000)),
  )
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
  assert.deepEqual(
    (answers as Answer[]).map(({ ok }) => ok),
    [true, true],
  )
})
