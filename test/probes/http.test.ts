import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { toMillis } from '../../src/shared/units.ts'
import { freePort, http, listen, probe, serve } from './support/io.ts'

describe('status', () => {
  test('within the ranges is good, with the time it took', async (t) => {
    const url = await serve(t, (_request, response) => response.end('hello'))
    const result = await probe(http(url))
    assert.equal(result.ok, true)
    assert.match(result.detail, /^200 in \d+(\.\d)?ms$/)
    assert.equal(result.probe, `http ${new URL(url).host}/`)
  })

  test('outside of them is bad, and says what was expected', async (t) => {
    const url = await serve(t, (_request, response) => response.writeHead(500).end())
    assert.equal((await probe(http(url))).detail, '500 Internal Server Error, expected 200-399')
    const narrow = await probe(
      http(url, {
        status: [
          [200, 200],
          [301, 308],
        ],
      }),
    )
    assert.equal(narrow.detail, '500 Internal Server Error, expected 200, 301-308')
  })

  test('of a redirect is a status: it is not followed', async (t) => {
    let requests = 0
    const url = await serve(t, (_request, response) => {
      requests += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    assert.equal((await probe(http(url))).ok, true)
    assert.equal((await probe(http(url, { status: [[200, 299]] }))).detail, '302 Found, expected 200-299')
    assert.equal(requests, 2)
  })
})

describe('the request', () => {
  test('carries method, path, Host, headers and the credentials of the URL', async (t) => {
    let seen: IncomingMessage | undefined
    const url = await serve(t, (request, response) => {
      seen = request
      response.end()
    })
    const { host } = new URL(url)
    const spec = http(`http://web:s%20cret@${host}/healthz?full=1`, {
      method: 'HEAD',
      host: 'www.example.org',
      headers: { 'x-check': 'haup' },
    })
    const result = await probe(spec)
    assert.equal(result.ok, true, result.detail)
    assert.equal(result.probe, `http ${host}/healthz?full=1 as www.example.org`, 'the password is not shown')
    assert.equal(seen?.method, 'HEAD')
    assert.equal(seen?.url, '/healthz?full=1')
    assert.equal(seen?.headers.host, 'www.example.org')
    assert.equal(seen?.headers['x-check'], 'haup')
    assert.equal(seen?.headers.connection, 'close')
    assert.equal(seen?.headers.authorization, `Basic ${Buffer.from('web:s cret').toString('base64')}`)
  })

  test('has a connection of its own, which is closed', async (t) => {
    const server = createServer()
    const port = await listen(t, server)
    const closed = once(server, 'connection').then(([socket]) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      return once(socket.resume(), 'close')
    })
    assert.equal((await probe(http(`http://127.0.0.1:${port}/`))).ok, true)
    await closed
  })
})

describe('a server that fails', () => {
  test('refuses', async () => {
    const result = await probe(http(`http://127.0.0.1:${await freePort()}/`))
    assert.deepEqual([result.ok, result.detail], [false, 'connection refused'])
  })

  test('hangs after the connection', async (t) => {
    const url = await serve(t, () => undefined)
    const result = await probe(http(url), 150)
    assert.deepEqual([result.ok, result.detail], [false, 'connected, but no answer within 150ms'])
    assert.ok(toMillis(result.took) < 1_000)
  })

  test('drips its body', async (t) => {
    const url = await serve(t, (_request, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
      response.write('.')
    })
    const result = await probe(http(url), 150)
    assert.deepEqual([result.ok, result.detail], [false, 'the body did not end within 150ms'])
  })

  test('cuts its body off', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('short', () => response.destroy())
    })
    const result = await probe(http(url))
    assert.deepEqual([result.ok, result.detail], [false, 'the answer is cut off: connection reset'])
  })

  test('closes without an answer', async (t) => {
    const server = createServer((socket) => socket.resume().end())
    const result = await probe(http(`http://127.0.0.1:${await listen(t, server)}/`))
    assert.deepEqual([result.ok, result.detail], [false, 'connection reset'])
  })

  test('speaks something else, control characters and all', async (t) => {
    const server = createServer((socket) => socket.resume().end('\u001b[31mSSH-2.0-server\r\n'))
    const result = await probe(http(`http://127.0.0.1:${await listen(t, server)}/`))
    assert.equal(result.ok, false)
    assert.match(result.detail, /^not an HTTP answer \(/)
  })

  test('sends control characters in its reason: they are not shown', async (t) => {
    const server = createServer((socket) => socket.resume().end('HTTP/1.1 503 \u009b2Jgone\tfishing\r\n\r\n', 'latin1'))
    const result = await probe(http(`http://127.0.0.1:${await listen(t, server)}/`))
    assert.equal(result.detail, '503  2Jgone fishing, expected 200-399')
  })
})
