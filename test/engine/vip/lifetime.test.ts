import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { on } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { createPair, type Namespace } from '../../support/netns.ts'
import { bound, done, IP } from './support.ts'

/** `valid_lft` of an address as `ip` shows it. */
const validity = (namespace: Namespace, address: string): string | undefined =>
  new RegExp(`${address}/.*\\n\\s+valid_lft (\\S+)`).exec(namespace.ip('addr', 'show', 'dev', 'e0'))?.[1]

test('a renewed address has a lifetime, a longer one after the next renewal, and the box’s own none', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24')])
  assert.equal(validity(pair.a, '192.0.2.100'), 'forever')
  assert.deepEqual(await agent.call('renew', 'www', 60), done)
  assert.match(validity(pair.a, '192.0.2.100') ?? '', /^(60|59)sec$/)
  assert.deepEqual(await agent.call('renew', 'www', 600), done)
  assert.match(validity(pair.a, '192.0.2.100') ?? '', /^(600|599)sec$/)
  assert.equal(validity(pair.a, IP.split('/')[0] ?? ''), 'forever')
})

test('an owner renews its own addresses alone, and none that somebody took away', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/32')])
  await agent.call('apply', 'api', [bound('192.0.2.101/32')])
  pair.a.ip('addr', 'del', '192.0.2.100/32', 'dev', 'e0')
  assert.deepEqual(await agent.call('renew', 'www', 60), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.101/32 e0'])
  assert.equal(validity(pair.a, '192.0.2.101'), 'forever')
})

test('what somebody takes away after a renewal, the next ones do not put back', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24'), bound('192.0.2.101/24')])
  assert.deepEqual(await agent.call('renew', 'www', 60), done)
  pair.a.ip('addr', 'del', '192.0.2.100/24', 'dev', 'e0')
  assert.deepEqual(await agent.call('renew', 'www', 600), done)
  assert.deepEqual(await agent.call('renew', 'www', 600), done)
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.101/24 e0'])
  assert.match(validity(pair.a, '192.0.2.101') ?? '', /^(600|599)sec$/)
  pair.a.ip('link', 'del', 'e0')
  assert.deepEqual(await agent.call('renew', 'www', 600), done)
})

test('a renewal changes nothing but the lifetime', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24', 'e0:v')])
  const shown = () => pair.a.ip('-d', 'addr', 'show', 'dev', 'e0').replaceAll(/dynamic |_lft \S+/g, '')
  const before = shown()
  for (const seconds of [60, 600]) {
    assert.deepEqual(await agent.call('renew', 'www', seconds), done)
    assert.equal(shown(), before)
  }
})

test('what a killed engine leaves goes by itself; the box’s own address stays', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/24')])
  const monitor = spawn('ip', ['-n', pair.a.name, 'monitor', 'address'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const lines = createInterface(monitor.stdout)
    await agent.call('renew', 'www', 1)
    for await (const [line] of on(lines, 'line', { signal: AbortSignal.timeout(10_000) })) {
      if (/^Deleted .*192\.0\.2\.100\/24/.test(String(line))) break
    }
  } finally {
    monitor.kill()
  }
  assert.deepEqual(pair.a.addresses('e0'), [IP])
})
