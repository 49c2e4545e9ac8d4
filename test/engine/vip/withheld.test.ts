import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createWithheldNotes } from '../../../src/engine/vip/withheld.ts'
import { startAgent } from '../../support/agent.ts'
import { createPair, type Namespace } from '../../support/netns.ts'
import { bound, IP } from './support.ts'

/** Addresses of others that are taken away for a while, and set again exactly as they were. */

const VIPS = [bound('192.0.2.100/32'), bound('192.0.2.101/32'), bound('192.0.2.102/32')]

/** Of all kinds: a label, no route, a protocol, a scope, a lifetime, a broadcast address, a metric. */
function setStrangely(box: Namespace): void {
  box.ip('addr', 'add', '192.0.2.100/25', 'broadcast', '+', 'dev', 'e0', 'label', 'e0:web', 'noprefixroute')
  box.ip('addr', 'add', '192.0.2.101/32', 'dev', 'e0', 'scope', 'link', 'metric', '77')
  box.ip('addr', 'add', '192.0.2.102/24', 'dev', 'e0', 'valid_lft', '5000', 'preferred_lft', '4000')
}

/** Lifetimes in whole hundreds of seconds. */
const shown = (box: Namespace): string =>
  box
    // Of IPv4: the kernel still tries the link-local address for a second or two.
    .ip('-4', '-d', 'addr', 'show', 'dev', 'e0')
    .replace(/_lft (\d+)sec/g, (_, seconds) => `_lft ${Math.round(seconds / 100)}`)

test('what was withheld is set again with every flag, label, scope, metric and lifetime', async () => {
  using pair = createPair()
  setStrangely(pair.a)
  const before = shown(pair.a)
  assert.match(before, /_lft 50 preferred_lft 40/)
  await using agent = startAgent(pair.a)
  assert.deepEqual(await agent.call('withhold', [bound('192.0.2.99/32')]), { ok: true, value: [] })
  const taken = await agent.call('withhold', VIPS)
  assert.match(JSON.stringify(taken), /"ok":true.*192\.0\.2\.101.*192\.0\.2\.100.*192\.0\.2\.102/)
  assert.deepEqual(pair.a.addresses('e0'), [IP])
  // Meanwhile the node holds one of them.
  await agent.call('apply', 'www', [bound('192.0.2.100/32')])
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/32 e0'])
  await agent.call('apply', 'www', [])
  assert.deepEqual(await agent.call('cleanup'), [])
  assert.equal(shown(pair.a), before)
  assert.deepEqual(await agent.call('cleanup'), [])
  assert.equal(shown(pair.a), before, 'once is enough')
})

test('also after kill -9, by whoever cleans up', async () => {
  using pair = createPair()
  setStrangely(pair.a)
  const before = shown(pair.a)
  const first = startAgent(pair.a)
  await first.call('withhold', VIPS)
  await first.call('apply', 'www', [bound('192.0.2.100/32')])
  await first.kill()
  await using second = startAgent(pair.a)
  const removed = await second.call('cleanup')
  assert.match(JSON.stringify(removed), /192\.0\.2\.100/)
  assert.equal(shown(pair.a), before)
})

test("what is haup's own, and what a stranger has on another interface, is not withheld", async () => {
  using pair = createPair()
  pair.a.ip('addr', 'add', '192.0.2.101/32', 'dev', 'lo')
  await using agent = startAgent(pair.a)
  await agent.call('apply', 'www', [bound('192.0.2.100/32')])
  assert.deepEqual(await agent.call('withhold', VIPS), { ok: true, value: [] })
  assert.deepEqual(pair.a.addresses('e0'), [IP, '192.0.2.100/32 e0'])
  assert.deepEqual(pair.a.addresses('lo').slice(-1), ['192.0.2.101/32 lo'])
})

test('notes survive a line that was cut short, and grow old', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'haup-withheld-')), 'withheld')
  let now = 100
  const notes = createWithheldNotes(
    () => path,
    () => now,
  )
  assert.deepEqual(notes.noted(), [])
  const payload = Uint8Array.of(2, 24, 0, 0, 7, 0, 0, 0)
  assert.deepEqual(notes.note([{ interfaceName: 'e0', payload }]), { ok: true, value: undefined })
  writeFileSync(path, `${readFileSync(path, 'utf8')}100 e0 0218`)
  now = 160
  const [noted, ...more] = notes.noted()
  assert.deepEqual(more, [])
  assert.deepEqual([noted?.interfaceName, [...(noted?.payload ?? [])], noted?.secondsAgo], ['e0', [...payload], 60])
  notes.forget()
  assert.deepEqual(notes.noted(), [])
})

test('what cannot be noted is an error, so that it is not taken away', () => {
  const notes = createWithheldNotes(() => '/nonexistent/withheld')
  const noted = notes.note([{ interfaceName: 'e0', payload: new Uint8Array(8) }])
  assert.equal(noted.ok, false)
})
