import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { getStatus } from '../../src/control/client.ts'
import { parseAnswer } from '../../src/control/http-answer.ts'
import type { ControlRequest } from '../../src/control/messages.ts'
import {
  isControlResponse,
  isInstanceName,
  isNodeName,
  isStatus,
  parseControlRequest,
} from '../../src/control/parse.ts'
import { sendRaw, startTestEngine } from '../control/support/engine.ts'

const key = fc.constantFrom('kind', 'instances', 'hold_ms', 'to', '__proto__', 'toString', 'x')
const scalar = fc.oneof(
  fc.constantFrom('failover', 'back', 'standby', 'resume', 'reload', 'www', null),
  fc.double(),
  fc.integer(),
  fc.string(),
)
const almost = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar), fc.anything()))

/** What came through is what was promised, whatever was given. */
function isRequest(request: ControlRequest): boolean {
  switch (request.kind) {
    case 'reload':
    case 'resume':
      return true
    case 'standby':
      return isHold(request.hold_ms)
    case 'back':
      return areNames(request.instances)
    case 'failover':
      return (
        areNames(request.instances) && isHold(request.hold_ms) && (request.to === undefined || isNodeName(request.to))
      )
  }
}

const isHold = (holdMs: number | null): boolean => holdMs === null || (Number.isInteger(holdMs) && holdMs > 0)

const areNames = (names: readonly string[]): boolean =>
  names.every(isInstanceName) && new Set(names).size === names.length

test('a request of anything is read or refused, never thrown', () => {
  fc.assert(
    fc.property(fc.oneof(almost, fc.anything(), fc.jsonValue()), (value) => {
      const result = parseControlRequest(value)
      return result.ok ? isRequest(result.value) : result.error.length > 0
    }),
    { numRuns: 20_000 },
  )
})

test('a request that is right comes through unchanged', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/)
  const instances = fc.uniqueArray(name, { maxLength: 20 })
  const hold = fc.option(fc.integer({ min: 1, max: 2_592_000_000 }))
  fc.assert(
    fc.property(instances, hold, fc.boolean(), (instances, hold_ms, back) => {
      const request = back ? { kind: 'back', instances } : { kind: 'failover', instances, hold_ms }
      assert.deepEqual(parseControlRequest(JSON.parse(JSON.stringify(request))), { ok: true, value: request })
    }),
  )
})

test('answers of anything are known or not, never thrown', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string().map((text) => Buffer.from(`HTTP/1.1 200 OK\r\n${text}`)),
  )
  fc.assert(fc.property(bytes, (value) => typeof parseAnswer(Buffer.from(value)).ok === 'boolean'))
  fc.assert(fc.property(fc.anything(), (value) => typeof (isStatus(value) || isControlResponse(value)) === 'boolean'))
})

const lines = fc.constantFrom(
  ...[
    'GET ',
    'POST ',
    '/v1/status',
    '/v1/control',
    ' HTTP/1.1\r\n',
    ' HTTP/9.9\r\n',
    'Host: haup\r\n',
    '\r\n\r\n',
    '\r\n',
  ],
  ...[
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Transfer-Encoding: chunked\r\n',
    '5\r\nhello\r\n',
    '0\r\n\r\n',
  ],
  ...[
    'Expect: 100-continue\r\n',
    'Upgrade: x\r\nConnection: Upgrade\r\n',
    '{"kind":"back","instances":[]}',
    '\u0000',
    ': ',
  ],
)
const almostHttp = fc.array(lines, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')))
const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 })

test('bytes of any kind end the connection and leave the server alive', async (t) => {
  const { runDir, logged } = await startTestEngine(t)
  const path = join(runDir, 'control.sock')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(almostHttp, anyBytes), { minLength: 10, maxLength: 10 }), async (batch) => {
      // An end to each, so that what waits for more is not waited for.
      const answers = await Promise.all(batch.map((bytes) => sendRaw(path, bytes, 'end')))
      for (const answer of answers) assert.match(answer, /^(HTTP\/1\.1 \d{3} [\s\S]*)?$/)
      assert.equal((await getStatus(runDir)).node, 'web1')
    }),
    { numRuns: 60 },
  )
  assert.deepEqual(logged, [])
})
