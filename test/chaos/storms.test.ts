import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStorms } from './support/storms.ts'

test('a storm strikes until it is ended, and not once more', async () => {
  const storms = createStorms()
  const twice = Promise.withResolvers<void>()
  let strikes = 0
  const strike = async () => {
    strikes += 1
    if (strikes === 2) twice.resolve()
  }
  storms.begin('web1', strike)
  storms.begin('web1', async () => assert.fail('one at a box'))
  await twice.promise
  await storms.end('web1')
  const struck = strikes
  await storms.end('web1')
  const other = Promise.withResolvers<void>()
  storms.begin('web1', async () => other.resolve())
  await other.promise
  await storms.end('web1')
  assert.equal(strikes, struck)
})
