import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRequestLog } from '../../src/lab/request-log.ts'

const request = (start: number, servedBy?: string) => ({ start, end: start + 1, servedBy })

test('waiting ends with the report that brings it', async () => {
  const log = createRequestLog()
  const awaited = log.until('an answer of web2', 1_000, ({ done }) => done.find((one) => one.servedBy === 'web2'))
  log.add({ done: [request(1, 'web1')], completeTo: 2 })
  log.add({ done: [request(2, 'web2')], completeTo: 3 })
  assert.deepEqual(await awaited, request(2, 'web2'))
  assert.equal(log.requests.length, 2)
  assert.equal(log.completeTo(), 3)
})

test('waiting fails when the time is over, and tells who answered', async () => {
  const log = createRequestLog()
  log.add({ done: [request(1, 'web1'), request(2)], completeTo: 3 })
  await assert.rejects(
    log.until('an answer of web2', 5, () => undefined),
    /an answer of web2 not seen in 5 ms.*by: web1, nobody/s,
  )
})

test('waiting fails when the client ends, before or meanwhile', async () => {
  const log = createRequestLog()
  const awaited = log.until('more', 1_000, () => undefined)
  log.end()
  await assert.rejects(awaited, /more not seen before the client ended/)
  await assert.rejects(
    log.until('more', 1_000, () => true),
    /before the client ended/,
  )
})
