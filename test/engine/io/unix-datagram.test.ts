import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createDatagramSender } from '../../../src/engine/io/unix-datagram.ts'
import { native } from '../../../src/native/index.ts'
import { receiveDatagrams } from '../../support/unix-datagrams.ts'

for (const abstract of [false, true]) {
  test(`datagrams arrive whole and in order, at ${abstract ? 'an abstract name' : 'a path'}`, async (t) => {
    const receiver = await receiveDatagrams(t, abstract)
    const send = createDatagramSender()
    const large = Buffer.alloc(60_000, 'x')
    assert.deepEqual(send(receiver.name, Buffer.from('first\n\0second')), { ok: true, value: undefined })
    assert.ok(send(receiver.name, large).ok)
    assert.equal((await receiver.next()).toString(), 'first\n\0second')
    assert.deepEqual(await receiver.next(), large)
  })
}

test('nobody there, a name that is none, and a socket of another kind are errors that name it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'haup-datagrams-'))
  const path = join(directory, 'stream')
  const server = createServer().listen(path)
  t.after(() => {
    server.close()
    rmSync(directory, { recursive: true })
  })
  const send = createDatagramSender()
  const reason = (name: string): string => {
    const sent = send(name, Buffer.from('x'))
    return sent.ok ? 'sent' : sent.error
  }
  assert.match(reason(join(directory, 'none')), /none: ENOENT/)
  assert.match(reason('@haup-test-nobody'), /@haup-test-nobody: ECONNREFUSED/)
  assert.match(reason(path), /EPROTOTYPE/)
  for (const name of ['', 'relative', '@', '/', `/${'x'.repeat(107)}`, '/a\0b']) {
    assert.match(reason(name), /must be an absolute path or @NAME/, name)
  }
})

test('a receiver that does not read is no reason to wait', async (t) => {
  const receiver = await receiveDatagrams(t)
  const socket = native().openUnixDatagramSocket()
  t.after(() => native().closeDescriptor(socket))
  // Faster than anybody prints; the queue of the kernel is short.
  assert.throws(
    () => {
      for (let count = 0; count < 100_000; count += 1) {
        native().sendUnixDatagram(socket, receiver.name, Buffer.alloc(10_000))
      }
    },
    { code: 'EAGAIN', syscall: 'sendto' },
  )
})

test('data is a Uint8Array that is not empty', () => {
  const send = (data: unknown) => () => Reflect.apply(native().sendUnixDatagram, undefined, [3, '/x', data])
  for (const data of [new Uint8Array(0), new Uint8Array(65_536), 'text', null]) {
    assert.throws(send(data), { code: 'ERR_INVALID_ARG' })
  }
})
