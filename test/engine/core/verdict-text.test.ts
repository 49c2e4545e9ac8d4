import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../../src/engine/core/verdict.ts'
import { describeVerdict } from '../../../src/engine/core/verdict-text.ts'
import { fromSeconds } from '../../../src/shared/units.ts'

const NOW = fromSeconds(100)

test('each verdict says what this node does, and what would change it', () => {
  const texts: readonly [Verdict, string][] = [
    [{ kind: 'grace', until: fromSeconds(102) }, 'listens for 2s more before it may claim'],
    [{ kind: 'voted', for: 'web2', until: fromSeconds(101) }, 'has voted for web2; claims nothing itself for 1s'],
    [{ kind: 'waiting', until: fromSeconds(103) }, 'claims in 3s: so long it has promised to wait'],
    [{ kind: 'waiting', until: undefined }, 'waits for adverts; claims when none comes for too long'],
    [
      { kind: 'candidate', cause: { kind: 'due' }, missing: { kind: 'votes', of: ['web2', 'web3'] } },
      'would claim: waits for the vote of web2 and web3',
    ],
    [{ kind: 'conflict', with: 'web2', why: undefined }, 'web2 holds the addresses too, and is to let go'],
  ]
  for (const [verdict, text] of texts) assert.equal(describeVerdict(verdict, NOW), text)
})

test('an instant that has passed is no negative time', () => {
  assert.match(describeVerdict({ kind: 'grace', until: fromSeconds(90) }, NOW), /^listens for 0/)
})
