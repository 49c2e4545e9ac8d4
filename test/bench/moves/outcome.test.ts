import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assess, type Observed } from '../../../bench/moves/outcome.ts'

/** One connection each 5 ms from 1000 on, served within 2 ms: by web1 before `change`, then by web2. */
const observed = (values: Partial<Observed> = {}, change = 1_050): Observed => ({
  requests: Array.from({ length: 40 }, (_, index) => {
    const start = 1_000 + 5 * index
    return { start, end: start + 2, servedBy: start < change ? 'web1' : 'web2' }
  }),
  began: 1_000,
  from: 'web1',
  to: 'web2',
  retransmitted: 0,
  commandMs: 30,
  ...values,
})

test('a move without loss lasts until the other box serves', () => {
  assert.deepEqual(assess(observed()), {
    connections: 40,
    failed: 0,
    slow: 0,
    retransmitted: 0,
    gapMs: 5,
    moveMs: 52,
    commandMs: 30,
  })
})

test('it is not over while the old box still serves somebody', () => {
  const { requests } = observed()
  const straggler = { start: 1_040, end: 1_120, servedBy: 'web1' }
  assert.equal(assess(observed({ requests: [...requests, straggler] })).moveMs, 120)
})

test('what was lost, what came late, and the time without an answer are told apart', () => {
  const requests = observed().requests.map((request, index) => {
    if (index === 10) return { ...request, servedBy: undefined }
    return index === 11 ? { ...request, end: request.start + 1_003 } : request
  })
  const move = assess(observed({ requests, retransmitted: 1 }))
  assert.deepEqual([move.failed, move.slow, move.retransmitted], [1, 1, 1])
  // From the answer before the two to the one after them; the late one comes alone at the end.
  const within = assess(observed({ requests: requests.filter((_, index) => index !== 11) }))
  assert.equal(within.gapMs, 15)
  assert.equal(move.gapMs, 2_058 - 1_197)
})
