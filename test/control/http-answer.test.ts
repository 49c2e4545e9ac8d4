import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRequest, parseAnswer } from '../../src/control/http-answer.ts'

const parse = (text: string) => parseAnswer(Buffer.from(text))

test('a request asks for one answer and the end of the connection', () => {
  assert.equal(
    formatRequest('GET', '/v1/status', ''),
    'GET /v1/status HTTP/1.1\r\nHost: haup\r\nConnection: close\r\n\r\n',
  )
})

test('a body is counted in bytes, not in letters', () => {
  assert.match(formatRequest('POST', '/v1/control', '{"ä":1}'), /\r\nContent-Length: 8\r\n\r\n\{"ä":1\}$/)
})

test('status and body are read, whatever the other headers are', () => {
  const answer = parse('HTTP/1.1 404 Not Found\r\nDate: x\r\ncontent-length:  3\r\n\r\nä!')
  assert.deepEqual(answer, { ok: true, value: { status: 404, body: 'ä!' } })
})

for (const [what, text] of [
  ['nothing', ''],
  ['a head without end', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'],
  ['a body that is too short', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}'],
  ['a body that is too long', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\n{}'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}'],
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
] as const) {
  test(`${what} is an error, not an answer`, () => assert.equal(parse(text).ok, false))
}
