import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownSide, peerStatus } from '../../../src/engine/core/peer-status.ts'
import type { PeerFacts, PeerReport } from '../../../src/engine/peer/types.ts'
import { fromMillis, fromSeconds } from '../../../src/shared/units.ts'
import { instance, planFor } from './support.ts'

const OWN = {
  digests: { instances: 'aaaa0000', services: 'bbbb0000' },
  wait: fromSeconds(4),
  paths: new Map([['web2', ['lan', 'path1']]]),
}

const report = (changes: Partial<PeerReport> = {}): PeerReport => ({
  haup: '0.9.0',
  leaving: false,
  standby: false,
  digests: OWN.digests,
  lateness: fromMillis(1.5),
  every: fromSeconds(1),
  instances: [
    {
      name: 'www',
      state: 'MASTER',
      reason: 'preferred',
      age: fromSeconds(60),
      holding: true,
      ready: true,
      priority: 250,
      wait: fromSeconds(3.03),
      lan: 'reached',
      claim: undefined,
      grant: undefined,
      move: undefined,
    },
  ],
  services: [{ name: 'web', good: true, detail: 'healthy' }],
  ...changes,
})

const facts = (changes: Partial<PeerFacts> = {}): PeerFacts => ({
  node: 'web2',
  report: report(),
  provenAt: fromSeconds(99),
  heardAt: fromSeconds(99.5),
  metAt: fromSeconds(1),
  brokenAt: undefined,
  paths: [
    { name: 'lan', heardAt: fromSeconds(99.75) },
    { name: 'path1', heardAt: undefined },
  ],
  ...changes,
})

const only = (changes: Partial<PeerFacts> = {}, at = 100) => {
  const [peer] = peerStatus([facts(changes)], OWN, fromSeconds(at))
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
  const { life, leaving } = only({ report: report({ leaving: true }) })
  assert.deepEqual([life, leaving], ['left', true])
})

test('nothing is known of a node that was never heard', () => {
  const unheard = { report: undefined, provenAt: undefined, heardAt: undefined, paths: [] }
  const { life, age_seconds, haup, config, lateness_ms, instances } = only(unheard)
  assert.deepEqual([life, age_seconds, haup, config, lateness_ms, instances], ['unknown', null, null, null, null, []])
})

test('sections of the configuration that differ, or that one side alone has', () => {
  const digests = { instances: 'aaaa0000', services: 'cccc0000', witness: 'dddd0000' }
  assert.deepEqual(only({ report: report({ digests }) }).config, { differs: ['services', 'witness'] })
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
