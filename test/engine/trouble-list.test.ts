import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTroubleList } from '../../src/engine/trouble-list.ts'
import { fromSeconds, type Micros } from '../../src/shared/units.ts'

test('trouble is shown until its node is heard, or for a while', () => {
  let now: Micros = fromSeconds(100)
  const troubles = createTroubleList(() => now)
  const key = { code: 'peer.key', message: 'another key' }
  troubles.add('web2', key)
  troubles.add('web3', { ...key, message: 'another one' })
  troubles.add('web2', key)
  assert.deepEqual(troubles.list(), [key, { ...key, message: 'another one' }])
  troubles.forget('web2')
  assert.deepEqual(troubles.list(), [{ ...key, message: 'another one' }])
  now = fromSeconds(126)
  assert.deepEqual(troubles.list(), [])
})
