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
  assert.equal(formatHolds(box.state(), { now: box.now(), wall: WALL, boot: undefined }), undefined)
  box.send({ kind: 'hold', instances: ['www'], until: fromSeconds(160) })
  box.send({ kind: 'hold', instances: ['api'], until: undefined, standby: true })
  box.send({ kind: 'hold', instances: ['mail'], until: undefined, standby: true, strict: true })
  const text = formatHolds(box.state(), { now: box.now(), wall: WALL, boot: undefined })
  assert.deepEqual(JSON.parse(text ?? ''), {
    format: 1,
    holds: [
      { instance: 'www', since: '2026-03-01T12:00:00.000Z', ends: '2026-03-01T12:01:00.000Z' },
      { instance: 'api', since: '2026-03-01T12:00:00.000Z', ends: null, standby: true },
      { instance: 'mail', since: '2026-03-01T12:00:00.000Z', ends: null, standby: true, strict: true },
    ],
  })
  const later = { now: fromSeconds(5), wall: new Date('2026-03-01T12:00:20.000Z'), boot: undefined }
  assert.deepEqual(parseHolds(text ?? '', later), {
    ok: true,
    value: [
      { instance: 'www', since: fromSeconds(-15), until: fromSeconds(45), standby: false, strict: false },
      { instance: 'api', since: fromSeconds(-15), until: undefined, standby: true, strict: false },
      { instance: 'mail', since: fromSeconds(-15), until: undefined, standby: true, strict: true },
    ],
  })
})

/** A hold of ten minutes, written two minutes after the boot, is read 30 s later by a wall clock that somebody set. */
function readBy(boot: { id: string; at: number } | undefined, wall: string) {
  const box = createNode(planFor('web1', [instance()]))
  box.run(100)
  box.send({ kind: 'hold', instances: ['www'], until: fromSeconds(700) })
  const written = { now: box.now(), wall: WALL, boot: { id: 'this', at: fromSeconds(120) } }
  const text = formatHolds(box.state(), written) ?? assert.fail('nothing is held')
  const next = boot && { id: boot.id, at: fromSeconds(boot.at) }
  const read = parseHolds(text, { now: fromSeconds(5), wall: new Date(wall), boot: next })
  return read.ok ? read.value[0]?.until : read.error
}

test('a wall clock that somebody sets neither ends a hold nor makes it longer', () => {
  assert.equal(readBy({ id: 'this', at: 150 }, '2026-03-01T13:00:30.000Z'), fromSeconds(5 + 570))
  assert.equal(readBy({ id: 'this', at: 150 }, '2026-03-01T11:00:30.000Z'), fromSeconds(5 + 570))
})

test('the wall clock tells what has passed after a reboot, and where the time since the boot is no help', () => {
  const later = '2026-03-01T12:00:40.000Z'
  for (const boot of [{ id: 'next', at: 150 }, { id: 'this', at: 20 }, undefined]) {
    assert.equal(readBy(boot, later), fromSeconds(5 + 560))
  }
})

test('a file without the time since the boot, or with nonsense, is read by the wall clock', () => {
  const hold = { instance: 'www', since: '2026-03-01T11:59:00.000Z', ends: '2026-03-01T12:01:00.000Z' }
  for (const written of [undefined, 'x', { boot: 'this', at: 'x', uptime_ms: 1 }, { boot: 'this', at: hold.since }]) {
    const text = JSON.stringify({ format: 1, written, holds: [hold] })
    const read = parseHolds(text, { now: fromSeconds(5), wall: WALL, boot: { id: 'this', at: fromSeconds(9) } })
    assert.equal(read.ok && read.value[0]?.until, fromSeconds(65))
  }
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
  test(`refused: ${what}`, () =>
    assert.equal(parseHolds(text, { now: fromSeconds(5), wall: WALL, boot: undefined }).ok, false))
}
