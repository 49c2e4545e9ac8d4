import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, type AgentEvent, startAgent } from '../../support/agent.ts'
import { capture } from '../../support/capture.ts'
import { connect, createNamespace, createPair } from '../../support/netns.ts'

const GROUP = '224.0.0.18'

/** A VRRPv2 advert of VRID 1, priority 100, for 192.0.2.100, from 192.0.2.11 or .12; TOS 0xc0, TTL 255. */
const advertFrom = (last: number): string =>
  `45c00028000100 00ff700000c00002${hex8(last)}e0000012 21016401000179c2c00002640000000000000000`.replaceAll(' ', '')
const hex8 = (value: number): string => value.toString(16).padStart(2, '0')

/** What the network may change: total length and checksum are the kernel's to fill in. */
const withoutKernelFields = (packet: unknown): string =>
  String(packet).replace(/^(.{4}).{4}(.{12}).{4}/, '$1....$2....')

const isPacket = (event: AgentEvent): boolean => event.event === 'packet'
const isError = (event: AgentEvent): boolean => event.event === 'link-error'
const packetsOf = (agent: Agent): readonly AgentEvent[] => agent.pending().filter(isPacket)

async function openBoth(a: Agent, b: Agent): Promise<void> {
  assert.deepEqual(await a.call('open', 'e0', '192.0.2.11'), { ok: true })
  assert.deepEqual(await b.call('open', 'e0', '192.0.2.12'), { ok: true })
}

test('two sockets hear each other and not themselves', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await openBoth(a, b)
  assert.deepEqual(await a.call('send', 'e0', advertFrom(11), GROUP), { ok: true })
  assert.equal(withoutKernelFields((await b.next(isPacket)).hex), withoutKernelFields(advertFrom(11)))
  await b.call('send', 'e0', advertFrom(12), GROUP)
  assert.equal(withoutKernelFields((await a.next(isPacket)).hex), withoutKernelFields(advertFrom(12)))
  assert.deepEqual([packetsOf(a), packetsOf(b)], [[], []])
})

test('an advert on the wire: multicast MAC, own source, TOS 0xc0, TTL 255, protocol 112', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using wire = await capture(pair.b, 'e0', 'ip proto 112')
  await a.call('open', 'e0', '192.0.2.11')
  await a.call('send', 'e0', advertFrom(11), GROUP)
  const [frame] = await wire.frames(1)
  assert.ok(frame)
  assert.equal(frame.toString('hex', 0, 6), '01005e000012')
  assert.equal(frame.readUInt16BE(12), 0x0800)
  const packet = frame.subarray(14)
  assert.equal(packet[1], 0xc0, 'TOS')
  assert.equal(packet[8], 255, 'TTL')
  assert.equal(packet[9], 112)
  assert.equal(packet.toString('hex', 12, 20), 'c000020be0000012')
  assert.equal(packet.toString('hex', 20), advertFrom(11).slice(40), 'the message is untouched')
})

test('garbage of protocol 112 is delivered as the bytes it is, up to the largest', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await openBoth(a, b)
  const header = advertFrom(11).slice(0, 40)
  for (const body of ['', 'ff', '00'.repeat(1_400), 'deadbeef'.repeat(5)]) {
    assert.deepEqual(await a.call('send', 'e0', header + body, GROUP), { ok: true })
    const { hex } = await b.next(isPacket)
    assert.equal(String(hex).slice(40), body)
  }
})

test('a burst is not lost', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await openBoth(a, b)
  for (let count = 0; count < 300; count += 1)
    void a.call('send', 'e0', `${advertFrom(11)}${hex8(count & 0xff)}`, GROUP)
  const heard: string[] = []
  for (let count = 0; count < 300; count += 1) heard.push(String((await b.next(isPacket)).hex).slice(-2))
  assert.deepEqual(
    heard,
    Array.from({ length: 300 }, (_, count) => hex8(count & 0xff)),
  )
})

test('packets that came in by another interface are not heard', async () => {
  using pair = createPair()
  using other = createNamespace()
  other.ip('link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'e1', 'netns', pair.b.name)
  other.ip('link', 'set', 'x0', 'up')
  other.ip('addr', 'add', '192.0.2.13/24', 'dev', 'x0')
  pair.b.ip('link', 'set', 'e1', 'up')
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await using c = startAgent(other)
  await openBoth(a, b)
  // With the group joined on both, only the binding to the device keeps them apart.
  await b.call('open', 'e1', '192.0.2.12')
  await c.call('open', 'x0', '192.0.2.13')
  await c.call('send', 'x0', advertFrom(13), GROUP)
  const heard = await b.next(isPacket)
  assert.equal(heard.interface, 'e1')
  assert.equal(withoutKernelFields(heard.hex), withoutKernelFields(advertFrom(13)))
  await a.call('send', 'e0', advertFrom(11), GROUP)
  const next = await b.next(isPacket)
  assert.equal(next.interface, 'e0')
  assert.equal(withoutKernelFields(next.hex), withoutKernelFields(advertFrom(11)))
  assert.deepEqual(packetsOf(b), [])
})

test('a send that the kernel refuses is an error value with its errno name', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await a.call('open', 'e0', '192.0.2.11')
  pair.a.ip('link', 'set', 'e0', 'down')
  const refused = await a.call('send', 'e0', advertFrom(11), GROUP)
  assert.deepEqual(refused, { ok: false, error: 'ENETUNREACH (Network is unreachable)' })
  pair.a.ip('link', 'set', 'e0', 'up')
  assert.deepEqual(await a.call('send', 'e0', advertFrom(11), GROUP), { ok: true })
  await a.call('close', 'e0')
  assert.deepEqual(await a.call('send', 'e0', advertFrom(11), GROUP), {
    ok: false,
    error: 'the VRRP socket on e0 is closed',
  })
})

test('an interface that does not exist cannot be opened', async () => {
  using namespace = createNamespace()
  await using agent = startAgent(namespace)
  assert.deepEqual(await agent.call('open', 'e0', '192.0.2.11'), { ok: false, error: 'interface e0 does not exist' })
})

test('a vanished interface is reported once; the link works again when it is back', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await openBoth(a, b)
  pair.a.ip('link', 'del', 'e0')
  for (const agent of [a, b]) {
    assert.equal((await agent.next(isError)).message, 'interface e0 does not exist')
    const refused = await agent.call('send', 'e0', advertFrom(11), GROUP)
    assert.deepEqual(refused, { ok: false, error: 'interface e0 does not exist' })
  }
  connect(pair.a, pair.b)
  pair.a.ip('addr', 'add', '192.0.2.11/24', 'dev', 'e0')
  // Each side must have seen the new interface: sending tells, then hearing is what is tested.
  await a.call('reopened', 'e0')
  await b.call('reopened', 'e0')
  assert.deepEqual(await a.call('send', 'e0', advertFrom(11), GROUP), { ok: true })
  await b.next(isPacket)
  assert.deepEqual([...a.pending(), ...b.pending()].filter(isError), [])
})

test('an interface that was replaced while nobody looked gets a new socket', async () => {
  using pair = createPair()
  await using a = startAgent(pair.a)
  await using b = startAgent(pair.b)
  await openBoth(a, b)
  process.kill(b.pid, 'SIGSTOP')
  pair.b.ip('link', 'del', 'e0')
  connect(pair.b, pair.a)
  process.kill(b.pid, 'SIGCONT')
  await b.call('reopened', 'e0')
  await a.call('reopened', 'e0')
  assert.deepEqual(await a.call('send', 'e0', advertFrom(11), GROUP), { ok: true })
  await b.next(isPacket)
})
