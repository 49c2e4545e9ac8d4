import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isControlResponse,
  isInstanceName,
  isStatus,
  MAX_HOLD_MS,
  parseControlRequest,
} from '../../src/control/parse.ts'
import { aStatus } from './support/status.ts'

test('a failover is read, with and without an end of the hold', () => {
  assert.deepEqual(parseControlRequest({ kind: 'failover', instances: ['www'], hold_ms: 600_000 }), {
    ok: true,
    value: { kind: 'failover', instances: ['www'], hold_ms: 600_000 },
  })
  assert.deepEqual(parseControlRequest({ kind: 'failover', instances: [], hold_ms: null }), {
    ok: true,
    value: { kind: 'failover', instances: [], hold_ms: null },
  })
})

test('back is read; a name given twice counts once', () => {
  assert.deepEqual(parseControlRequest({ kind: 'back', instances: ['www', 'mail', 'www'] }), {
    ok: true,
    value: { kind: 'back', instances: ['www', 'mail'] },
  })
})

test('the node that is to take over, standby and resume are read', () => {
  const to = { kind: 'failover', instances: [], hold_ms: null, to: 'web2' }
  for (const value of [to, { kind: 'standby', hold_ms: null }, { kind: 'standby', hold_ms: 5 }, { kind: 'resume' }]) {
    assert.deepEqual(parseControlRequest(value), { ok: true, value })
  }
})

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a list', []],
  ['a text', 'failover'],
  ['no kind', { instances: [] }],
  ['another kind', { kind: 'shutdown', instances: [] }],
  ['a kind that every object has', { kind: 'constructor', instances: [] }],
  ['no instances', { kind: 'back' }],
  ['instances that are a text', { kind: 'back', instances: 'www' }],
  ['a name that is a number', { kind: 'back', instances: [1] }],
  ['an empty name', { kind: 'back', instances: [''] }],
  ['a name with a slash', { kind: 'back', instances: ['../etc'] }],
  ['a name with a line break', { kind: 'back', instances: ['www\n'] }],
  ['a name of 64 letters', { kind: 'back', instances: ['a'.repeat(64)] }],
  ['too many names', { kind: 'back', instances: Array.from({ length: 257 }, (_, index) => `i${index}`) }],
  ['no hold', { kind: 'failover', instances: [] }],
  ['a hold of 0', { kind: 'failover', instances: [], hold_ms: 0 }],
  ['a hold of a fraction', { kind: 'failover', instances: [], hold_ms: 1.5 }],
  ['a hold that never ends', { kind: 'failover', instances: [], hold_ms: Number.POSITIVE_INFINITY }],
  ['a hold that is too long', { kind: 'failover', instances: [], hold_ms: MAX_HOLD_MS + 1 }],
  ['a key that is not known', { kind: 'failover', instances: [], hold_ms: null, from: 'web2' }],
  ['a node that is no name', { kind: 'failover', instances: [], hold_ms: null, to: '../x' }],
  ['a node that is nothing', { kind: 'failover', instances: [], hold_ms: null, to: null }],
  ['a standby without hold', { kind: 'standby' }],
  ['a standby of one instance', { kind: 'standby', hold_ms: null, instances: ['www'] }],
  ['a resume of one instance', { kind: 'resume', instances: ['www'] }],
  ['a hold of a back', { kind: 'back', instances: [], hold_ms: null }],
]

for (const [what, value] of REFUSED) {
  test(`${what} is refused with a reason`, () => {
    const result = parseControlRequest(value)
    assert.equal(result.ok, false)
    assert.ok(!result.ok && result.error.length > 5)
  })
}

test('instance names are those of the configuration', () => {
  for (const name of ['www', 'W-1', 'a.b_c', '9', 'a'.repeat(63)]) assert.ok(isInstanceName(name), name)
  for (const name of ['', '-a', '.a', 'a b', 'ä', 'a'.repeat(64), 7]) assert.ok(!isInstanceName(name), String(name))
})

test('a status is known by its format and its lists', () => {
  assert.ok(isStatus(JSON.parse(JSON.stringify(aStatus()))))
  assert.ok(!isStatus({ ...aStatus(), format: 2 }))
  assert.ok(!isStatus({ ...aStatus(), instances: [null] }))
  assert.ok(!isStatus({ ...aStatus(), warnings: undefined }))
  assert.ok(!isStatus({ ...aStatus(), peers: undefined }))
  assert.ok(!isStatus(null))
})

test('a control answer is known by its parts', () => {
  assert.ok(isControlResponse({ ok: true, outcomes: [] }))
  assert.ok(isControlResponse({ ok: false, code: 'a', message: 'b', next_steps: ['c'] }))
  assert.ok(!isControlResponse({ ok: true }))
  assert.ok(!isControlResponse({ ok: false, code: 'a', message: 'b', next_steps: [1] }))
  assert.ok(!isControlResponse([]))
})
