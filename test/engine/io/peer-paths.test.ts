import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Agent, type AgentEvent, startAgent } from '../../support/agent.ts'
import { createPair, type Pair } from '../../support/netns.ts'

/** Two nodes in namespaces of their own, with two cables: `lan` (e0, 192.0.2.0/24) and `line` (e1, 198.51.100.0/24). */

const SCRIPT = join(import.meta.dirname, 'support', 'peer-agent.ts')

const configOf = (self: 'web1' | 'web2') => {
  const [own, other] = self === 'web1' ? [11, 12] : [12, 11]
  const path = (name: string, network: string) => ({ name, local: `${network}.${own}`, remote: `${network}.${other}` })
  return {
    cluster: 'site',
    self,
    port: 4112,
    keys: ['07'.repeat(32)],
    peers: [{ node: self === 'web1' ? 'web2' : 'web1', paths: [path('lan', '192.0.2'), path('line', '198.51.100')] }],
  }
}

function addLine({ a, b }: Pair): void {
  a.ip('link', 'add', 'e1', 'type', 'veth', 'peer', 'name', 'e1', 'netns', b.name)
  for (const side of [a, b]) side.ip('link', 'set', 'e1', 'up')
  a.ip('addr', 'add', '198.51.100.11/24', 'dev', 'e1')
  b.ip('addr', 'add', '198.51.100.12/24', 'dev', 'e1')
}

const isHeard = ({ event }: AgentEvent): boolean => event === 'heard'
const isBroken = ({ event }: AgentEvent): boolean => event === 'broken'
const byPath =
  (path: string) =>
  (event: AgentEvent): boolean =>
    event.event === 'path' && event.path === path

async function openBoth(a: Agent, b: Agent): Promise<void> {
  await a.call('open', configOf('web1'))
  await b.call('open', configOf('web2'))
  await a.call('speak', 'web2', true)
  await b.call('speak', 'web1', true)
  for (const agent of [a, b]) await agent.next(isHeard)
}

/** The streams of both paths are proven when each side has two connections. */
async function streamsStand({ a, b }: Pair): Promise<void> {
  const count = (name: string): number =>
    execFileSync('ip', ['netns', 'exec', name, 'ss', '-Htn', 'state', 'established'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '').length
  for (let waited = 0; count(a.name) < 2 || count(b.name) < 2; waited += 50) {
    if (waited > 5_000) throw new Error('the streams do not come to stand')
    await setTimeout(50)
  }
  // Standing is not proven: two round trips more.
  await setTimeout(100)
}

/** Takes the events that have come, so that only later ones are found. */
async function forget(agent: Agent, fits: (event: AgentEvent) => boolean): Promise<void> {
  while (agent.pending().some(fits)) await agent.next(fits)
}

test('one path is cut: reports go on by the other, no stream breaks; the cable comes back, so does the path', async () => {
  using pair = createPair()
  addLine(pair)
  await using a = startAgent(pair.a, SCRIPT)
  await using b = startAgent(pair.b, SCRIPT)
  await openBoth(a, b)
  await streamsStand(pair)
  for (const agent of [a, b]) await agent.next(byPath('lan'))
  for (const agent of [a, b]) await agent.next(byPath('line'))

  pair.a.ip('link', 'set', 'e0', 'down')
  // What was on its way has come when some more have been heard.
  for (const agent of [a, b]) await forget(agent, isHeard)
  for (const agent of [a, b]) for (let count = 0; count < 3; count += 1) await agent.next(isHeard)
  for (const agent of [a, b]) await forget(agent, ({ event }) => event === 'path')
  for (const agent of [a, b]) for (let count = 0; count < 5; count += 1) await agent.next(isHeard)
  for (const agent of [a, b]) {
    await agent.next(byPath('line'))
    assert.ok(!agent.pending().some(byPath('lan')), 'nothing comes by the path that is cut')
    assert.ok(!agent.pending().some(isBroken))
  }
  const counters = await a.call('counters')
  assert.match(JSON.stringify(counters), /"send_errors":[1-9]/)

  pair.a.ip('link', 'set', 'e0', 'up')
  for (const agent of [a, b]) await agent.next(byPath('lan'))
  assert.ok(![...a.pending(), ...b.pending()].some(({ event }) => event === 'broken' || event === 'trouble'))
})

test('an engine that is killed breaks its streams, once, within milliseconds', async () => {
  using pair = createPair()
  addLine(pair)
  await using a = startAgent(pair.a, SCRIPT)
  await using b = startAgent(pair.b, SCRIPT)
  await openBoth(a, b)
  await streamsStand(pair)
  const started = performance.now()
  await b.kill()
  await a.next(isBroken)
  const took = performance.now() - started
  assert.ok(took < 500, `${took} ms`)
  await setTimeout(200)
  assert.ok(!a.pending().some(isBroken), 'told once for both paths')

  await using again = startAgent(pair.b, SCRIPT)
  await forget(a, ({ event }) => event === 'heard' || event === 'met')
  await again.call('open', configOf('web2'))
  await again.call('speak', 'web1', true)
  await a.next(({ event }) => event === 'met')
  await a.next(isHeard)
  await streamsStand(pair)
  await again.kill()
  await a.next(isBroken)
})

test('an engine that has said that it leaves breaks nothing', async () => {
  using pair = createPair()
  addLine(pair)
  await using a = startAgent(pair.a, SCRIPT)
  await using b = startAgent(pair.b, SCRIPT)
  await openBoth(a, b)
  await streamsStand(pair)
  await b.call('leave', 'web1')
  await b.kill()
  await a.next((event) => isHeard(event) && event.leaving === true)
  await setTimeout(200)
  assert.ok(!a.pending().some(isBroken))
})

test('an engine that ends does not wait for a node that does not answer', async () => {
  using pair = createPair()
  const nft = (...args: readonly string[]) => execFileSync('ip', ['netns', 'exec', pair.b.name, 'nft', ...args])
  nft('add', 'table', 'ip', 'dark')
  nft('add', 'chain', 'ip', 'dark', 'in', '{ type filter hook input priority 0; policy drop; }')
  await using a = startAgent(pair.a, SCRIPT)
  await a.call('open', configOf('web1'))
  await setTimeout(100)
  assert.deepEqual(await a.call('shut'), [])
})

test('an address that is not there yet, or not there for a while, is used when it comes', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a, SCRIPT)
  await using b = startAgent(pair.b, SCRIPT)
  await openBoth(a, b)
  assert.deepEqual(await a.call('paths', 'web2'), [
    { name: 'lan', problem: null },
    { name: 'line', problem: 'EADDRNOTAVAIL' },
  ])
  addLine(pair)
  for (const agent of [a, b]) await agent.next(byPath('line'))
  pair.b.ip('addr', 'del', '198.51.100.12/24', 'dev', 'e1')
  for (const agent of [a, b]) await forget(agent, byPath('line'))
  await b.next(isHeard)
  pair.b.ip('addr', 'add', '198.51.100.12/24', 'dev', 'e1')
  await forget(a, byPath('line'))
  await a.next(byPath('line'))
  assert.ok(![...a.pending(), ...b.pending()].some(({ event }) => event === 'broken' || event === 'trouble'))
})
