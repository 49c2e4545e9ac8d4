import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSocket, type Socket } from 'raw-socket'
import { describe, openRawIp, type SocketOption } from '../../../src/engine/io/raw-ip.ts'
import type { Ipv4 } from '../../../src/shared/ip.ts'

/** For experiments and testing, RFC 3692; bound to the loopback interface. */
const PROTOCOL = 253
const LOOPBACK = '127.0.0.1' as Ipv4
const bindToLoopback: SocketOption = [1, 25, Buffer.from('lo\0')]
const headerIncluded: SocketOption = [0, 3, 1]
const options = { protocol: PROTOCOL, socketOptions: [bindToLoopback, headerIncluded], optional: [] }

const packet = (body: string): Buffer => Buffer.from(`4500000000010000fffd00007f0000017f000001${body}`, 'hex')

const unexpected = (message: string): void => assert.fail(message)

test('packets go in and come out with their header', async () => {
  const received = Promise.withResolvers<Uint8Array>()
  const opened = openRawIp(options, received.resolve, unexpected)
  assert.ok(opened.ok)
  assert.deepEqual(opened.value.send(packet('c0ffee'), LOOPBACK), { ok: true, value: undefined })
  const bytes = Buffer.from(await received.promise)
  opened.value.close()
  assert.equal(bytes.readUInt16BE(2), 23, 'the kernel fills in the length')
  assert.equal(bytes.toString('hex', 8, 10), 'fffd')
  assert.equal(bytes.toString('hex', 20), 'c0ffee')
})

test('a required option that fails fails the opening; an optional one does not', () => {
  const wrong: SocketOption = [1, 25, Buffer.from('haup-none\0')]
  assert.deepEqual(openRawIp({ ...options, socketOptions: [wrong] }, unexpectedPacket, unexpected), {
    ok: false,
    error: 'ENODEV (No such device)',
  })
  const opened = openRawIp({ ...options, optional: [wrong] }, unexpectedPacket, unexpected)
  assert.ok(opened.ok)
  opened.value.close()
})

test('a socket whose watcher fails is closed, and that is reported once', async () => {
  let socket: Socket | undefined
  const failed = Promise.withResolvers<string>()
  const opened = openRawIp(options, unexpectedPacket, failed.resolve, (given) => {
    socket = createSocket(given)
    return socket
  })
  assert.ok(opened.ok)
  // What the addon does when the descriptor cannot be polled any more.
  socket?.wrap.emit('error', new Error('-9'))
  assert.equal(await failed.promise, 'EBADF (the socket failed)')
  assert.deepEqual(opened.value.send(packet(''), LOOPBACK), { ok: false, error: 'the socket is closed' })
})

test('a closed socket stays closed: the package would open a bare one', () => {
  const opened = openRawIp(options, unexpectedPacket, unexpected)
  assert.ok(opened.ok)
  opened.value.close()
  opened.value.close()
  assert.deepEqual(opened.value.send(packet(''), LOOPBACK), { ok: false, error: 'the socket is closed' })
})

test('errors carry the errno name where it is known', () => {
  assert.equal(describe('Network is down'), 'ENETDOWN (Network is down)')
  assert.equal(describe('Something new'), 'Something new')
})

const unexpectedPacket = (): void => assert.fail('no packet was sent')
