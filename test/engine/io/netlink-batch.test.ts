import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createExchange } from '../../../src/engine/io/netlink-exchange.ts'
import {
  encodeMessage,
  getU32,
  type NetlinkRequest,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
} from '../../../src/engine/io/netlink-message.ts'

const request = (flags = 0): NetlinkRequest => ({ type: 16, flags: NLM_F_REQUEST | flags, payload: new Uint8Array(4) })

/** Frame, two requests (the last of them acknowledged), frame. */
const BATCH = [request(), request(), request(NLM_F_ACK), request()]

function open(timeout = 1_000) {
  const events: unknown[] = []
  const seqs: number[] = []
  const exchange = createExchange({
    send: (messages) => seqs.push(...messages.map((bytes) => getU32(bytes, 8))),
    onEvent: (message) => events.push(message.seq),
    onInvalid: () => assert.fail('all is valid here'),
    timeout,
  })
  const answer = (at: number, status: number): void => {
    const payload = new Uint8Array(4)
    new Int32Array(payload.buffer)[0] = status
    exchange.receive(encodeMessage({ type: NLMSG_ERROR, flags: 0, payload }, seqs[at] ?? 0))
  }
  return { exchange, answer, events, seqs }
}

const EPERM = -1
const ENOENT = -2

test('the acknowledgement of the last request means that all is done', async () => {
  const { exchange, answer } = open()
  const done = exchange.transactBatch(BATCH)
  await Promise.resolve()
  answer(2, 0)
  assert.deepEqual(await done, { ok: true, value: undefined })
})

test('the first refusal counts, though the last request is acknowledged after it', async () => {
  const { exchange, answer, events } = open()
  const done = exchange.transactBatch(BATCH)
  await Promise.resolve()
  answer(1, ENOENT)
  answer(2, 0)
  assert.deepEqual(await done, {
    ok: false,
    error: { code: 'ENOENT', message: 'the kernel refused: ENOENT', at: 1 },
  })
  assert.equal(events.length, 1, 'what comes later belongs to nothing any more')
})

test('the frame is answered only when the whole is refused', async () => {
  const { exchange, answer } = open()
  const done = exchange.transactBatch(BATCH)
  await Promise.resolve()
  answer(0, EPERM)
  const refused = await done
  assert.equal(refused.ok === false && refused.error.code, 'EPERM')
})

test('an acknowledged frame (Linux 6.10) does not stand for the whole', async () => {
  const { exchange, answer } = open()
  const done = exchange.transactBatch(BATCH)
  await Promise.resolve()
  answer(0, 0)
  answer(1, ENOENT)
  assert.equal((await done).ok, false)
})

test('silence ends in ETIMEDOUT, and what comes after is served', async () => {
  const { exchange, answer } = open(10)
  const silent = await exchange.transactBatch(BATCH)
  assert.equal(silent.ok === false && silent.error.code, 'ETIMEDOUT')
  const done = exchange.transact([request(NLM_F_ACK)])
  await Promise.resolve()
  answer(4, 0)
  assert.deepEqual(await done, [{ ok: true, value: [] }])
})
