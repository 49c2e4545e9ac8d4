import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHolds, parseHolds } from '../../../src/engine/core/kept-holds.ts'
import { fromSeconds } from '../../../src/shared/units.ts'
import { createNode, instance, planFor } from './support.ts'

const WALL = new Date('2026-03-01T12:00:00.000Z')

test('what is written is read by the next life, whose monotonic clock is another one', () => {
  const also = [instance({ name: 'api', vrid: 78 }), instance({ name: 'mail', vrid: 79 })]
  const box = createNode(planFor('web1', [instance(), ...also]))
  box.run(100)
  assert.equal(formatHolds(box.state(), { now: box.now(), wall: WALL }), undefined)
  box.send({ kind: 'hold', instances: ['www'], until: fromSeconds(160) })
  box.send({ kind: 'hold', instances: ['api'], until: undefined, standby: true })
  box.send({ kind: 'hold', instances: ['mail'], until: undefined, standby: true, strict: true })
  const text = formatHolds(box.state(), { now: box.now(), wall: WALL })
  assert.deepEqual(JSON.parse(text ?? ''), {
    format: 1,
    holds: [
      { instance: 'www', since: '2026-03-01T12:00:00.000Z', ends: '2026-03-01T12:01:00.000Z' },
      { instance: 'api', since: '2026-03-01T12:00:00.000Z', ends: null, standby: true },
      { instance: 'mail', since: '2026-03-01T12:00:00.000Z', ends: null, standby: true, strict: true },
    ],
  })
  const later = { now: fromSeconds(5), wall: new Date('2026-03-01T12:00:20.000Z') }
  assert.deepEqual(parseHolds(text ?? '', later), {
    ok: true,
    value: [
      { instance: 'www', since: fromSeconds(-15), until: fromSeconds(45), standby: false, strict: false },
      { instance: 'api', since: fromSeconds(-15), until: undefined, standby: true, strict: false },
      { instance: 'mail', since: fromSeconds(-15), until: undefined, standby: true, strict: true },
    ],
  })
})

const WRONG: readonly (readonly [string, string])[] = [
  ['no JSON', '{"format": 1, "hol'],
  ['another format', '{"format": 2, "holds": []}'],
  ['no list', '{"format": 1, "holds": {}}'],
  ['no hold', '{"format": 1, "holds": ["www"]}'],
  ['no name', '{"format": 1, "holds": [{"since": "2026-03-01T12:00:00.000Z", "ends": null}]}'],
  ['no begin', '{"format": 1, "holds": [{"instance": "www", "ends": null}]}'],
  ['no end', '{"format": 1, "holds": [{"instance": "www", "since": "2026-03-01T12:00:00.000Z"}]}'],
  ['no time', '{"format": 1, "holds": [{"instance": "www", "since": "yesterday", "ends": null}]}'],
]

for (const [what, text] of WRONG) {
  test(`refused: ${what}`, () => assert.equal(parseHolds(text, { now: fromSeconds(5), wall: WALL }).ok, false))
}
