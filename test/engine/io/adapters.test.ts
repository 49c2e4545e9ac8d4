import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type AgentEvent, startAgent } from '../../support/agent.ts'
import { createPair } from '../../support/netns.ts'

/** Proof that adverts go through the npm package raw-socket and addresses through netlink, and through one file each. */

const root = join(import.meta.dirname, '../../..')
const isPacket = (event: AgentEvent): boolean => event.event === 'packet'

test('a bind and an advert run through the addons of the npm packages', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await b.call('open', 'e0', '192.0.2.12')
  await a.call('open', 'e0', '192.0.2.11')
  const desired = [{ interface: 'e0', address: { address: '192.0.2.100', length: 32 } }]
  assert.deepEqual(await a.call('apply', 'www', desired), { ok: true })
  assert.deepEqual(await a.call('send', 'e0', '45c0001400010000ff700000c000020be0000012', '224.0.0.18'), { ok: true })
  await b.next(isPacket)
  assert.ok(pair.a.addresses('e0').includes('192.0.2.100/32 e0'))
  const addons = await a.call('addons')
  assert.ok(Array.isArray(addons))
  const paths = addons.map((path) => String(path).replace(`${root}/`, '')).sort()
  assert.equal(paths.length, 3, paths.join())
  assert.match(String(paths[0]), /^node_modules\/netlink\/(prebuilds|build)\/.*\.node$/)
  assert.equal(paths[1], 'node_modules/raw-socket/build/Release/raw.node')
  assert.equal(paths[2], 'src/native/build/Release/haup_native.node')
})

test('one source file imports each of the packages', () => {
  for (const [name, adapter] of [
    ['raw-socket', 'src/engine/io/raw-ip.ts'],
    ['netlink', 'src/engine/io/netlink.ts'],
  ]) {
    const importers = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
      new RegExp(`(from|import\\(|require\\()\\s*['"]${name}['"/]`).test(readFileSync(join(root, file), 'utf8')),
    )
    assert.deepEqual(importers, [adapter])
  }
})

test('a program that the engine starts inherits none of its sockets', async () => {
  using pair = createPair()
  await using agent = startAgent(pair.a)
  await agent.call('open', 'e0', '192.0.2.11')
  await agent.call('apply', 'www', [])
  await agent.call('announce', 'e0', ['192.0.2.100'])
  assert.deepEqual(await agent.call('inherited'), [])
})
