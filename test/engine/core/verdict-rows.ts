import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../src/engine/core/decide.ts'
import type { Move, PeerRuntime } from '../../../src/engine/core/peer-types.ts'
import type { Verdict } from '../../../src/engine/core/verdict.ts'
import { ms, NOW, type Sight, see } from './views.ts'

/** Rows for tests of the verdict: what a node sees, and what it concludes. */

export const verdictOf = (sight: Sight): Verdict => {
  const { instance, runtime, view, state } = see(sight)
  return decide(instance, runtime, view, state)
}
/** As few words as tell one from another. */
export const inWords = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'conflict':
      return `conflict ${verdict.with}: ${verdict.why ?? 'the other one steps down'}`
    case 'offer':
      return `offer ${verdict.to}`
    case 'voted':
      return `voted ${verdict.for}`
    case 'transferring':
      return `transferring ${verdict.with}`
    case 'follow':
      return `follow ${verdict.node}${verdict.asks === undefined ? '' : `, asks: ${verdict.asks.kind}`}`
    case 'candidate': {
      const { missing } = verdict
      return `candidate ${verdict.cause.kind}: ${missing.kind} ${missing.kind === 'quorum' ? missing.text : missing.of.join()}`
    }
    case 'claim':
      return `claim ${verdict.cause.kind} by ${verdict.by}`
    case 'lost-quorum':
      return `lost quorum: ${verdict.reason}`
    case 'waiting':
      return verdict.until === undefined ? 'waiting' : `waiting ${Math.round((verdict.until - NOW) / 1000)}`
    case 'grace':
      return `grace ${verdict.until - NOW}`
    default:
      return verdict.kind
  }
}
export const row = (name: string, sight: Sight, expected: string): void =>
  void test(`${name}: ${expected}`, () => assert.equal(inWords(verdictOf(sight)), expected))

export const claimed = (id: number) => ({ claim: id })
/** It has voted for the claim with this number of web2. */
export const voted = (id: number) => ({ grant: { to: 'web2', claim: id } })
export const asking = (cause: 'due' | 'released' = 'due'): Partial<PeerRuntime> => ({
  claim: {
    id: 7,
    since: ms(-600),
    cause: cause === 'due' ? { kind: 'due' } : { kind: 'released', text: 'test' },
    asks: true,
  },
  ableSince: ms(-60_000),
})
export const move = (step: 'offered' | 'opened'): Move =>
  step === 'offered'
    ? { side: 'out', id: 1, with: 'web3', step, why: { kind: 'stop' }, until: ms(100) }
    : { side: 'in', id: 1, with: 'web3', step, until: ms(100), deafUntil: ms(100) }
export const died = (hint: 'broken' | 'resigned', confirmed: boolean): NonNullable<PeerRuntime['died']> => ({
  node: 'web1',
  hint,
  at: ms(-100),
  until: ms(100),
  round: 2,
  ownAt: undefined,
  virtualAt: undefined,
  confirmed,
  closed: 0,
})
export const refused = (node: string, since = -60_000): Partial<PeerRuntime> => ({
  refusal: { node, since: ms(since) },
})
