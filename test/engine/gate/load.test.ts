import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createNamespace } from '../../support/netns.ts'
import { createGateLan, type GateLan, nft, OWNERS, PORT, run, VIP } from './support.ts'

let lan: GateLan

before(async () => {
  lan = await createGateLan()
})
after(() => lan[Symbol.asyncDispose]())

const READY = { ok: true, value: { kind: 'ready' } }

test('hundreds of addresses: a renewal costs what it costs for one', async (t) => {
  const many = Array.from({ length: 600 }, (_, at) => `10.9.${at >> 8}.${at & 255}`)
  const renewals = async () =>
    (await lan.engine.call('renew', 'www', 2_000, 1, 100)) as { readonly median: number; readonly failed: unknown[] }
  assert.deepEqual(await lan.engine.call('prepare', OWNERS), READY)
  const few = await renewals()
  assert.deepEqual(await lan.engine.call('prepare', [{ owner: 'www', addresses: [...many, VIP] }]), READY)
  const all = await renewals()
  t.diagnostic(`median ${few.median} us with two addresses, ${all.median} us with ${many.length + 1}`)
  assert.deepEqual([few.failed, all.failed], [[], []])
  assert.ok(all.median < 5_000, `${all.median} us`)
  assert.equal(await lan.client.call('reach', VIP, PORT, 2_000), true)
})

test('a change in a flood of events that the engine could not take is found by reading again', async () => {
  assert.deepEqual(await lan.engine.call('prepare', OWNERS), READY)
  const directory = mkdtempSync(join(tmpdir(), 'haup-flood-'))
  const flood = join(directory, 'flood.nft')
  const elements = Array.from({ length: 60_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
  writeFileSync(flood, `table inet flood { set s { type ipv4_addr; elements = { ${elements.join(', ')} }\n }\n}\n`)
  process.kill(lan.engine.pid, 'SIGSTOP')
  try {
    nft(lan.box, '-f', flood)
    nft(lan.box, 'delete', 'table', 'arp', 'haup')
  } finally {
    process.kill(lan.engine.pid, 'SIGCONT')
  }
  const { what } = await lan.engine.next(({ event }) => event === 'foreign')
  assert.match(String(what), /while events were lost: table arp haup is missing/)
  nft(lan.box, 'delete', 'table', 'inet', 'flood')
  rmSync(directory, { recursive: true })
})

test('a closed address that is elsewhere is reached through this box, by those who are routed over it', async () => {
  using guest = createNamespace()
  guest.ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e1', 'netns', lan.box.name)
  guest.ip('link', 'set', 'e0', 'up')
  lan.box.ip('link', 'set', 'e1', 'up')
  guest.ip('addr', 'add', '198.51.100.2/24', 'dev', 'e0')
  lan.box.ip('addr', 'add', '198.51.100.1/24', 'dev', 'e1')
  guest.ip('route', 'add', 'default', 'via', '198.51.100.1')
  lan.peer.ip('route', 'add', '198.51.100.0/24', 'via', '192.0.2.11')
  run(lan.box, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
  // What was open stays open over a preparation.
  for (const { owner } of OWNERS) await lan.engine.call('close', owner)
  assert.deepEqual(await lan.engine.call('prepare', OWNERS), READY)
  await lan.client.call('serve', PORT)
  await using inside = lan.startIn(guest)
  assert.equal(await inside.call('reach', VIP, PORT, 300), false, 'here, and closed')
  lan.box.ip('addr', 'del', `${VIP}/32`, 'dev', 'e0')
  lan.peer.ip('addr', 'add', `${VIP}/32`, 'dev', 'e0')
  assert.equal(await inside.call('reach', VIP, PORT, 2_000), true, 'there')
})
