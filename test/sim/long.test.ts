import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLong } from './long.ts'

test('a long run goes on until enough has happened, and says how much', async () => {
  let told = 0
  const { histories, steps, wrong } = await runLong(1, 20_000, (_, ran) => {
    told = ran
  })
  assert.equal(wrong, undefined)
  assert.ok(steps >= 20_000 && histories >= 3 && told === steps, JSON.stringify({ histories, steps, told }))
})
