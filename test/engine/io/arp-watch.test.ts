import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, startAgent } from '../../support/agent.ts'
import { capture } from '../../support/capture.ts'
import { connect, createNamespace, createPair, type Pair } from '../../support/netns.ts'

const MAC_A = '52:54:00:00:0a:01'
const MAC_B = '52:54:00:00:0b:01'
const VIP = '192.0.2.100'

/** Two stations; the first one listens for the address and for the other's own. */
async function listening(): Promise<Pair & { readonly ear: Agent; readonly mouth: Agent } & AsyncDisposable> {
  const pair = createPair()
  pair.a.ip('link', 'set', 'e0', 'address', MAC_A)
  pair.b.ip('link', 'set', 'e0', 'address', MAC_B)
  const [ear, mouth] = [startAgent(pair.a), startAgent(pair.b)]
  assert.deepEqual(await ear.call('listen', VIP, '192.0.2.12'), { ok: true })
  return {
    ...pair,
    ear,
    mouth,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ear.kill(), mouth.kill()])
      pair[Symbol.dispose]()
    },
  }
}

const arp = ({ event }: { readonly event: string }): boolean => event === 'arp'
const announced = { event: 'arp', interface: 'e0', own: MAC_A, kind: 'announcement', mac: MAC_B, address: VIP }

test('an announcement of another station is heard with who said it, other ARP is not', async () => {
  await using lan = await listening()
  assert.deepEqual(await lan.mouth.call('announce', 'e0', ['192.0.2.101', VIP, '192.0.2.102']), { ok: true })
  assert.deepEqual(await lan.ear.next(arp), announced)
  // What the kernel passes is in order: what came before it would have been told before it.
  assert.deepEqual(lan.ear.pending(), [])
})

test('what this box itself sends is not heard', async () => {
  await using lan = await listening()
  await lan.ear.call('announce', 'e0', [VIP])
  await lan.ear.call('probe', 'e0', [VIP], 1)
  await lan.mouth.call('announce', 'e0', [VIP])
  assert.deepEqual(await lan.ear.next(arp), announced)
})

test('a probe is asked twice, answered by who has the address, and leaves no trace with the neighbours', async () => {
  await using lan = await listening()
  await using wire = await capture(lan.b, 'e0', 'arp')
  lan.b.ip('addr', 'add', `${VIP}/32`, 'dev', 'e0')
  await lan.mouth.call('listen', VIP)
  assert.deepEqual(await lan.ear.call('probe', 'e0', [VIP, '192.0.2.12'], 20_000), { ok: true })
  const claims = [await lan.ear.next(arp), await lan.ear.next(arp), await lan.ear.next(arp), await lan.ear.next(arp)]
  assert.deepEqual(
    claims.map(({ kind, mac, address }) => `${kind} ${mac} ${address}`).sort(),
    [VIP, VIP, '192.0.2.12', '192.0.2.12'].map((address) => `claim ${MAC_B} ${address}`).sort(),
  )
  const probe = { event: 'arp', interface: 'e0', own: MAC_B, kind: 'probe', mac: MAC_A, address: VIP }
  assert.deepEqual([await lan.mouth.next(arp), await lan.mouth.next(arp)], [probe, probe])
  assert.equal(lan.b.ip('neigh', 'show', 'dev', 'e0'), '')
  assert.equal((await wire.frames(1))[0]?.toString('hex', 28, 32), '00000000')
})

test('an interface may go down and up, and be replaced by another of its name', async () => {
  await using lan = await listening()
  lan.a.ip('link', 'set', 'e0', 'down')
  lan.a.ip('link', 'set', 'e0', 'up')
  await lan.mouth.call('announce', 'e0', [VIP])
  assert.deepEqual(await lan.ear.next(arp), announced)
  lan.a.ip('link', 'del', 'e0')
  connect(lan.a, lan.b)
  lan.a.ip('link', 'set', 'e0', 'address', MAC_A)
  lan.b.ip('link', 'set', 'e0', 'address', MAC_B)
  await lan.mouth.call('announce', 'e0', [VIP])
  assert.deepEqual(await lan.ear.next(arp), announced)
})

test('another list replaces the first; an empty one and closing end it', async () => {
  await using lan = await listening()
  assert.deepEqual(await lan.ear.call('listen', '192.0.2.101'), { ok: true })
  await lan.mouth.call('announce', 'e0', [VIP, '192.0.2.101'])
  assert.deepEqual(await lan.ear.next(arp), { ...announced, address: '192.0.2.101' })
  assert.deepEqual(await lan.ear.call('listen'), { ok: true })
  await lan.mouth.call('announce', 'e0', [VIP, '192.0.2.101'])
  await lan.ear.call('deafen')
  await lan.ear.call('deafen')
  assert.deepEqual(lan.ear.pending(), [])
  assert.deepEqual(await lan.ear.call('inherited'), [], 'no descriptor is left to a child')
})

test('a second interface of this box in the same LAN is not another station', async () => {
  await using lan = await listening()
  using hub = createNamespace()
  lan.a.ip('link', 'del', 'e0')
  hub.ip('link', 'add', 'br0', 'type', 'bridge')
  hub.ip('link', 'set', 'br0', 'up')
  for (const [name, address] of [
    ['e0', '192.0.2.11/24'],
    ['e1', '192.0.2.13/24'],
  ] as const) {
    lan.a.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `p${name}`, 'netns', hub.name)
    hub.ip('link', 'set', `p${name}`, 'master', 'br0', 'up')
    lan.a.ip('link', 'set', name, 'up')
    lan.a.ip('addr', 'add', address, 'dev', name)
  }
  lan.b.ip('link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'pb', 'netns', hub.name)
  lan.b.ip('link', 'set', 'e0', 'address', MAC_B)
  hub.ip('link', 'set', 'pb', 'master', 'br0', 'up')
  lan.b.ip('link', 'set', 'e0', 'up')
  await lan.ear.call('announce', 'e1', [VIP])
  await lan.mouth.call('announce', 'e0', [VIP])
  const heard = [await lan.ear.next(arp), await lan.ear.next(arp)]
  assert.deepEqual(new Set(heard.map(({ mac }) => mac)), new Set([MAC_B]), 'by each interface once')
})

test('frames that only look like ARP are dropped before they reach us', async () => {
  await using lan = await listening()
  const header = `ffffffffffff${MAC_B.replaceAll(':', '')}0806`
  const sender = `${MAC_B.replaceAll(':', '')}c0000264`
  for (const frame of [
    `${header}0006080006040001${sender}${'00'.repeat(10)}`,
    `${header}0001080008040001${sender}${'00'.repeat(10)}`,
    `${header}0001080006040001`,
    `${header}00010800060400`,
  ]) {
    await lan.mouth.call('transmit', 'e0', frame)
  }
  await lan.mouth.call('announce', 'e0', [VIP])
  assert.deepEqual(await lan.ear.next(arp), announced)
})
