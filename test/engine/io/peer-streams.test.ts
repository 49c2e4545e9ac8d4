import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { HELLO_BYTES } from '../../../src/engine/peer/frame.ts'
import { report } from '../peer/support.ts'
import { ends, listen, type Spoken, takePort, until } from './support/channels.ts'

const meet = (a: Spoken, b: Spoken): Promise<void> =>
  until(
    () => a.heard.length > 0 && b.heard.length > 0,
    () => {
      a.say(['web2'], report())
      b.say(['web1'], report())
    },
  )

/** Both ends of as many connections stand in this process; proving takes two round trips more. */
async function streamsStand(count: number): Promise<void> {
  const ends = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  await until(() => ends() === 2 * count)
  await setTimeout(50)
}

/** Connects as web1 does, says `bytes`, and returns what came before the end. */
async function knock(port: number, from: string, bytes: Uint8Array): Promise<number> {
  const socket = createConnection({ host: '127.0.0.12', port, localAddress: from })
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return received
}

test('a connection from elsewhere is ended at once, and told of once', async () => {
  const port = takePort()
  using b = listen(ends('web2', port))
  await until(() => b.paths('web1').every(({ problem }) => problem === undefined))
  for (let count = 0; count < 3; count += 1) await knock(port, '127.0.0.99', new Uint8Array(HELLO_BYTES))
  assert.deepEqual(b.troubles, [{ kind: 'stranger', from: '127.0.0.99', detail: 'connected by TCP' }])
  assert.equal(b.counters().rejected.stranger, 3)
})

test('who cannot prove to be the node is told nothing and ended, and breaks nothing', async () => {
  const port = takePort()
  using b = listen(ends('web2', port))
  await until(() => b.paths('web1').every(({ problem }) => problem === undefined))
  assert.equal(await knock(port, '127.0.0.11', new Uint8Array(HELLO_BYTES)), 0)
  assert.equal(await knock(port, '127.0.0.11', new Uint8Array(10 * HELLO_BYTES)), 0)
  using a = listen(ends('web1', port))
  await meet(a, b)
  assert.equal(await knock(port, '127.0.0.11', new Uint8Array(HELLO_BYTES)), 0)
  assert.deepEqual(b.broken, [])
})

test('an engine that ends by its own will breaks nothing, nor does one that changes its paths', async () => {
  const port = takePort()
  using a = listen(ends('web1', port, 2))
  using b = listen(ends('web2', port, 2))
  await meet(a, b)
  await streamsStand(2)
  b.follow(ends('web2', port, 1))
  await setTimeout(100)
  a.follow(ends('web1', port, 1))
  await streamsStand(1)
  b.close()
  await setTimeout(100)
  assert.deepEqual([a.broken, b.broken], [[], []])
})
