import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askAt, isAdvertAnswered } from '../../../src/engine/core/vote-pace.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { backup, MASTER, ms, NOW, SILENT, type Sight, see } from './views.ts'

/** When web2, which is active, asks for the sake of web1's acknowledgement; it said something last just now. */
function asks(sight: Sight): number | undefined {
  const { instance, state } = see({ nodes: 2, phase: MASTER, ...sight })
  return askAt(instance, state, NOW, NOW)
}
const votes = (at: number) => ({ votes: new Map([['web1', ms(at)]]) })

test('asked again when half of what an acknowledgement lasts is over, and then often', () => {
  const fresh = asks({ peer: votes(0) }) ?? 0
  assert.ok(fresh > ms(1_400) && fresh < ms(1_600), `${fresh - NOW}`)
  const old = asks({ peer: votes(-2_000) }) ?? 0
  assert.ok(old >= ms(20) && old <= ms(120), `${old - NOW}`)
})

test('not asked: by a backup, of a node that is silent or never acknowledged anything', () => {
  assert.equal(asks({ phase: backup(), peer: votes(0) }), undefined)
  assert.equal(asks({ peer: votes(0), web1: { facts: SILENT } }), undefined)
  assert.equal(asks({}), undefined)
})

test('an advert that is followed is answered when nothing else tells its sender that it is heard', () => {
  const answered = (sight: Sight, at = NOW): boolean => {
    const { state } = see({ nodes: 2, peer: { followed: { node: 'web1', id: 7, at } }, ...sight })
    const advert = { version: 3, vrid: 51, priority: 250, interval: fromSeconds(1), addresses: [] } as const
    const from = '192.0.2.11' as never
    return isAdvertAnswered(state, { kind: 'advert', now: NOW, instance: 'www', from, id: 7, advert })
  }
  assert.equal(answered({ web1: { facts: SILENT } }), true)
  assert.equal(answered({}), false, 'its reports arrive')
  assert.equal(answered({ web1: { facts: SILENT } }, ms(-5)), false, 'this one is not followed')
})
