import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { startAgent } from '../../support/agent.ts'
import { createPair, type Namespace } from '../../support/netns.ts'
import { bound, done, IP } from './support.ts'

const PROMOTE = 'net.ipv4.conf.e0.promote_secondaries'
const sysctl = ({ name }: Namespace, ...args: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', name, 'sysctl', ...args], { encoding: 'utf8' })
const read = (box: Namespace): string => sysctl(box, '-n', PROMOTE).trim()
const write = (box: Namespace, value: 0 | 1): string => sysctl(box, '-q', '-w', `${PROMOTE}=${value}`)

test('promote_secondaries is as it was when haup has gone', async () => {
  for (const before of [0, 1] as const) {
    using pair = createPair()
    await using agent = startAgent(pair.a)
    write(pair.a, before)
    assert.deepEqual(await agent.call('apply', 'www', [bound('192.0.2.5/24')]), done)
    assert.equal(read(pair.a), '1', 'needed while addresses share a subnet')
    assert.deepEqual(await agent.call('apply', 'www', []), done)
    await agent.call('cleanup')
    assert.equal(read(pair.a), `${before}`)
    assert.deepEqual(pair.a.addresses('e0'), [IP])
  }
})

test('also when the one who cleans up is not the one who turned it on', async () => {
  using pair = createPair()
  {
    await using killed = startAgent(pair.a)
    write(pair.a, 0)
    await killed.call('apply', 'www', [bound('192.0.2.5/24')])
  }
  await using next = startAgent(pair.a)
  assert.equal(read(pair.a), '1')
  await next.call('cleanup')
  assert.equal(read(pair.a), '0')
  write(pair.a, 1)
  await next.call('cleanup')
  assert.equal(read(pair.a), '1', 'what somebody turns on later is theirs')
})
