import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NetlinkOptions, type NetlinkSocket, openNetlink } from '../../../src/engine/io/netlink.ts'
import { type NetlinkRequest, NLM_F_ACK, NLM_F_REQUEST } from '../../../src/engine/io/netlink-message.ts'
import { dumpAddresses, dumpLinks, NETLINK_ROUTE, removeAddress } from '../../../src/engine/io/rtnetlink.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'

const open = (options: Partial<NetlinkOptions> = {}): NetlinkSocket => {
  const opened = openNetlink({ protocol: NETLINK_ROUTE, ...options })
  assert.ok(opened.ok)
  return opened.value
}

const onNoInterface = removeAddress({
  interfaceIndex: 0x7fffffff,
  address: { address: '192.0.2.1' as Ipv4, length: 32 },
  label: 'x',
  protocol: 0,
  secondary: false,
})

/** Valid, but asks for no answer: an acknowledgement is what the kernel never sends to it. */
const unanswered: NetlinkRequest = { ...onNoInterface, type: 1, flags: NLM_F_REQUEST }

test('requests of one datagram are each answered, in order, with the errno name', async () => {
  const socket = open()
  const replies = await socket.transact([
    onNoInterface,
    dumpLinks(),
    { type: 9_999, flags: NLM_F_REQUEST | NLM_F_ACK, payload: new Uint8Array(16) },
  ])
  socket.close()
  assert.deepEqual(
    replies.map((reply) => (reply.ok ? 'ok' : reply.error.code)),
    ['ENODEV', 'ok', 'ENOTSUP'],
  )
  assert.ok(replies[1]?.ok && replies[1].value.length >= 1, 'the loopback interface at least')
})

test('calls at the same time wait for each other: dumps do not collide', async () => {
  const socket = open()
  const replies = await Promise.all(Array.from({ length: 5 }, () => socket.transact([dumpAddresses()])))
  socket.close()
  assert.deepEqual(
    replies.map(([reply]) => reply?.ok),
    [true, true, true, true, true],
  )
})

test('silence ends in ETIMEDOUT, and the socket still serves', async () => {
  const socket = open({ timeout: 20 })
  const [silent] = await socket.transact([unanswered])
  assert.deepEqual(silent, {
    ok: false,
    error: { code: 'ETIMEDOUT', message: 'the kernel did not answer within 20 ms' },
  })
  const [answered] = await socket.transact([onNoInterface])
  socket.close()
  assert.equal(answered?.ok === false && answered.error.code, 'ENODEV')
})

test('an answer that waits in the socket counts, however late the loop comes to it', async () => {
  const socket = open({ timeout: 5 })
  const reply = socket.transact([onNoInterface])
  await Promise.resolve()
  const until = process.hrtime.bigint() + 20_000_000n
  while (process.hrtime.bigint() < until);
  const [answered] = await reply
  socket.close()
  assert.equal(answered?.ok === false && answered.error.code, 'ENODEV')
})

test('closing answers what is pending and refuses what comes', async () => {
  const socket = open()
  const pending = socket.transact([unanswered])
  await Promise.resolve()
  socket.close()
  socket.close()
  for (const [reply] of [await pending, await socket.transact([dumpLinks()])]) {
    assert.equal(reply?.ok === false && reply.error.code, 'EBADF')
  }
})

test('a protocol that does not exist is an error, not an exception', () => {
  const opened = openNetlink({ protocol: 31 })
  assert.equal(opened.ok === false && opened.error.code, 'EPROTONOSUPPORT')
})
