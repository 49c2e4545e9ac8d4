import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unheard } from '../../../src/engine/core/peer-hear.ts'
import { ownSide, peerStatus } from '../../../src/engine/core/peer-status.ts'
import type { PeerFacts, PeerReport } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'
import * as peers from '../peer/support.ts'
import { instance, planFor } from './support.ts'

const OWN = {
  digests: { instances: 'aaaa0000', services: 'bbbb0000' },
  wait: fromSeconds(4),
  paths: new Map([['web2', ['lan', 'path1']]]),
}

const report = (changes: Partial<PeerReport> = {}): PeerReport =>
  peers.report({
    haup: '0.9.0',
    digests: OWN.digests,
    lateness: fromMillis(1.5),
    instances: [peers.instance({ reason: 'preferred', age: fromSeconds(60), priority: 250, wait: fromSeconds(3.03) })],
    services: [{ name: 'web', good: true, detail: 'healthy' }],
    ...changes,
  })

const HEARD = { provenAt: fromSeconds(99), heardAt: fromSeconds(99.5), metAt: fromSeconds(1) }

const facts = (changes: Partial<PeerFacts> = {}, said = report()): PeerFacts => ({
  ...peers.factsOf('web2', said, HEARD),
  paths: [
    { name: 'lan', heardAt: fromSeconds(99.75) },
    { name: 'path1', heardAt: undefined },
  ],
  ...changes,
})

const only = (changes: Partial<PeerFacts> = {}, at = 100, said = report()) => {
  const [peer] = peerStatus([facts(changes, said)], OWN, fromSeconds(at))
  assert.ok(peer)
  return peer
}

test('what a node said, with its age', () =>
  assert.deepEqual(only(), {
    node: 'web2',
    alive: true,
    life: 'alive',
    age_seconds: 1,
    paths: [
      { name: 'lan', heard_seconds_ago: 0.25 },
      { name: 'path1', heard_seconds_ago: null },
    ],
    haup: '0.9.0',
    standby: false,
    leaving: false,
    lateness_ms: 1.5,
    config: 'same',
    instances: [
      {
        name: 'www',
        state: 'MASTER',
        since_seconds: 60.5,
        reason: 'preferred',
        ready: true,
        readiness: 'serves',
        priority: 250,
        holding: true,
        lan: 'reached',
      },
    ],
    services: [{ name: 'web', good: true, detail: 'healthy' }],
  }))

test('silence, death and farewell are told apart', () => {
  assert.deepEqual([only({}, 103.4).life, only({}, 103.6).life], ['alive', 'silent'])
  assert.equal(only({}, 103.6).alive, false)
  assert.equal(only({ brokenAt: fromSeconds(99.6) }).life, 'died')
  const { life, leaving } = only({}, 100, report({ leaving: true }))
  assert.deepEqual([life, leaving], ['left', true])
})

test('nothing is known of a node that was never heard', () => {
  const { life, age_seconds, haup, config, lateness_ms, instances } = only(unheard('web2'))
  assert.deepEqual([life, age_seconds, haup, config, lateness_ms, instances], ['unknown', null, null, null, null, []])
})

test('sections of the configuration that differ, or that one side alone has', () => {
  const digests = { instances: 'aaaa0000', services: 'cccc0000', witness: 'dddd0000' }
  assert.deepEqual(only({}, 100, report({ digests })).config, { differs: ['services', 'witness'] })
})

test('the longest wait of any instance is what a node may be silent', () => {
  const plan = planFor('web1', [instance(), instance({ name: 'api', vrid: 78, advertInterval: fromSeconds(3) })])
  assert.ok(ownSide(plan).wait > fromSeconds(9))
  assert.deepEqual(ownSide(plan).digests, {})
})

test('paths are those of the configuration: one that was never heard is shown, one that is gone is not', () => {
  const paths = [
    { name: 'lan', heardAt: fromSeconds(99.75) },
    { name: 'path2', heardAt: fromSeconds(90) },
  ]
  assert.deepEqual(only({ paths }).paths, [
    { name: 'lan', heard_seconds_ago: 0.25 },
    { name: 'path1', heard_seconds_ago: null },
  ])
})
