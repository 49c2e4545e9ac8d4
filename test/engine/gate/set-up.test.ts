import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layOut } from '../../../src/engine/gate/layout.ts'
import { setUp, tearDown } from '../../../src/engine/gate/set-up.ts'
import type { NetlinkSocket } from '../../../src/engine/io/netlink.ts'
import { err, ok } from '../../../src/shared/result.ts'

const failure = (code: string) => ({ code, message: `the kernel refused: ${code}` })

/** A kernel that answers every dump and every transaction in one way. */
const kernel = (dump: string | undefined, transaction: string | undefined, at = 1): NetlinkSocket => ({
  port: 7,
  transact: (requests) => Promise.resolve(requests.map(() => (dump === undefined ? ok([]) : err(failure(dump))))),
  transactBatch: () =>
    Promise.resolve(transaction === undefined ? ok(undefined) : err({ ...failure(transaction), at })),
  close: () => undefined,
})

const tables = layOut([])
const attempt = (dump: string | undefined, transaction?: string) =>
  setUp(kernel(dump, transaction), tables, new Set(), () => [])

test('a kernel without nf_tables, without owned tables or without an expression is a value', async () => {
  for (const answer of [
    attempt('EINVAL'),
    attempt('ENOTSUP'),
    attempt('ENOPROTOOPT'),
    attempt(undefined, 'ENOTSUP'),
    attempt(undefined, 'EAFNOSUPPORT'),
    attempt(undefined, 'ENOENT'),
  ]) {
    const { ok: fine, ...rest } = await answer
    assert.ok(fine && 'value' in rest && rest.value.kind === 'unsupported', JSON.stringify(rest))
  }
})

test('missing rights are an error that names them', async () => {
  assert.match(JSON.stringify(await attempt('EPERM')), /CAP_NET_ADMIN/)
  assert.match(JSON.stringify(await attempt(undefined, 'EPERM')), /CAP_NET_ADMIN/)
})

test('what is acknowledged but not there is an error', async () => {
  assert.deepEqual(await attempt(undefined), {
    ok: false,
    error: 'the gate is not as it was made: table inet haup is missing',
  })
})

test('nothing to remove where there is nothing', async () => {
  assert.deepEqual(await tearDown(kernel('ENOTSUP', undefined)), ok(undefined))
  assert.deepEqual(await tearDown(kernel(undefined, 'EPERM')), ok(undefined))
  assert.match(JSON.stringify(await tearDown(kernel('EPERM', undefined))), /EPERM/)
})
