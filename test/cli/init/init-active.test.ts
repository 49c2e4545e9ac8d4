import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPair, type Namespace } from '../../support/netns.ts'
import { openBox, startNginx, until } from './boxes.ts'

/** Two addresses, each box preferred for one of them: from the first question to the takeover. */

const SERVER = 'server { listen 80; location / { return 200; } }'
const FLAGS = ['--yes', '--no-listen', '--peer-address', '192.0.2.12', '--node', 'web1', '--peer', 'web2']
const PAIR = ['--vip', '192.0.2.100/24', '--vip', '192.0.2.101/24', '--active-active', '--advert-interval', '200ms']

const holds = (box: Namespace, ...addresses: readonly string[]): boolean => {
  const virtual = box.addresses('e0').filter((each) => /^192\.0\.2\.10[01]\//.test(each))
  return virtual.length === addresses.length && addresses.every((each) => virtual.some((held) => held.startsWith(each)))
}

test('active/active: each box holds its address, the one that is left holds both', async () => {
  using pair = createPair()
  using web1 = openBox(pair.a)
  using web2 = openBox(pair.b)
  for (const box of [web1, web2]) startNginx(box, SERVER)
  const written = await web1.init(...FLAGS, ...PAIR, '--restart', 'none')
  assert.equal(written.code, 0, written.stderr)
  assert.equal((await web2.init('--join', web2.copyFrom(web1), '--yes', '--no-listen')).code, 0)

  await using _first = web1.up()
  const shared = () => holds(pair.a, '192.0.2.100/') && holds(pair.b, '192.0.2.101/')
  {
    await using _second = web2.up()
    await until(shared, 'the addresses are not shared')
  }
  await until(() => holds(pair.a, '192.0.2.100/', '192.0.2.101/'), 'the box that is left does not hold both')
  assert.ok(holds(pair.b))
})
