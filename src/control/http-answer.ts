import { err, ok, type Result } from '../shared/result.ts'

/**
 * As much of HTTP/1.1 (RFC 9112) as a client needs that asks one question per connection: a status line, headers, a body
 * of a stated length. Loading a whole HTTP client would cost `haup status` more than the question does. Pure.
 */
export type HttpAnswer = { readonly status: number; readonly body: string }

export function formatRequest(method: 'GET' | 'POST', path: string, body: string): string {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: haup', 'Connection: close']
  if (method === 'POST') head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Reads all that came before the connection's end; the error says what is not as it should be. Never throws. */
export function parseAnswer(bytes: Buffer): Result<HttpAnswer, string> {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return err('the answer broke off before its end')
  const [statusLine = '', ...headers] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1]
  if (status === undefined) return err('the answer is not HTTP')
  const length = headers
    .map((line) => /^content-length: *(\d{1,9}) *$/i.exec(line)?.[1])
    .find((text) => text !== undefined)
  if (length === undefined) return err('the answer does not state its length')
  const body = bytes.subarray(end + 4)
  if (body.length !== Number(length)) return err('the answer broke off before its end')
  return ok({ status: Number(status), body: body.toString('utf8') })
}
