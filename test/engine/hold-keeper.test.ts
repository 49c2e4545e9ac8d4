import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { keepHolds } from '../../src/engine/hold-keeper.ts'
import { fromSeconds } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'
import { loopOf } from './support/loop.ts'

async function life(runDir: string, wall = '2026-03-01T12:00:00.000Z', uptime?: number) {
  const said: string[] = []
  const { box, loop } = loopOf(planFor('web1'))
  const keeper = await keepHolds({
    runDir,
    loop,
    clock: { now: box.now },
    wallClock: () => new Date(wall),
    bootMoment: () => (uptime === undefined ? undefined : { id: 'this', at: fromSeconds(uptime) }),
    log: ({ code, message }) => said.push(`${code}: ${message}`),
    onBug: (thrown) => {
      throw thrown
    },
  })
  return { said, loop, box, idle: keeper.idle, hold: () => box.state().instances.get('www')?.hold }
}

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'haup-holds-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('a hold outlives the engine, for root alone, until it is taken back', async (t) => {
  const runDir = await directory(t)
  const file = join(runDir, 'holds.json')
  const first = await life(runDir)
  await first.idle()
  await assert.rejects(stat(file), { code: 'ENOENT' })
  first.loop.dispatch({ kind: 'hold', now: first.box.now(), instances: [], until: undefined })
  await first.idle()
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const second = await life(runDir)
  assert.equal(second.hold()?.until, undefined)
  assert.equal(second.hold()?.answered, true)
  second.loop.dispatch({ kind: 'back', now: second.box.now(), instances: [] })
  await second.idle()
  await assert.rejects(stat(file), { code: 'ENOENT' })
})

test('a wall clock that is set while the engine restarts does not end a hold', async (t) => {
  const runDir = await directory(t)
  const first = await life(runDir, undefined, 120)
  first.loop.dispatch({ kind: 'hold', now: first.box.now(), instances: [], until: fromSeconds(600) })
  await first.idle()
  const second = await life(runDir, '2026-03-01T13:00:00.000Z', 130)
  assert.equal(second.hold()?.until, fromSeconds(590))
  assert.deepEqual(second.said, [])
})

test('by the wall clock: what has passed meanwhile is over', async (t) => {
  const runDir = await directory(t)
  const first = await life(runDir)
  first.loop.dispatch({ kind: 'hold', now: first.box.now(), instances: [], until: fromSeconds(60) })
  await first.idle()
  const second = await life(runDir, '2026-03-01T12:00:50.000Z')
  assert.equal(second.hold()?.until, fromSeconds(10))
  await second.idle()
  const third = await life(runDir, '2026-03-01T12:01:00.000Z')
  assert.equal(third.hold(), undefined)
  assert.match(third.said.join(), /^hold.over: /)
  await third.idle()
  await assert.rejects(stat(join(runDir, 'holds.json')), { code: 'ENOENT' })
})

test('a broken file is said, ignored and replaced; instances that are no more are passed over', async (t) => {
  const runDir = await directory(t)
  const file = join(runDir, 'holds.json')
  await writeFile(file, '{"format": 1')
  const box = await life(runDir)
  assert.equal(box.hold(), undefined)
  assert.match(box.said.join(), /^hold.ignored: .*holds.json is ignored: it is no list of holds$/)
  box.loop.dispatch({ kind: 'hold', now: box.box.now(), instances: [], until: undefined })
  await box.idle()
  await writeFile(file, (await readFile(file, 'utf8')).replace('www', 'old'))
  const next = await life(runDir)
  assert.deepEqual([next.hold(), next.said], [undefined, []])
})

test('a place that cannot be read or written is said', async (t) => {
  const runDir = await directory(t)
  await mkdir(join(runDir, 'holds.json', 'x'), { recursive: true })
  const box = await life(runDir)
  await box.idle()
  assert.match(box.said[0] ?? '', /^hold.ignored: .*EISDIR/)
  box.loop.dispatch({ kind: 'hold', now: box.box.now(), instances: [], until: undefined })
  await box.idle()
  assert.match(box.said.at(-1) ?? '', /^hold.not-kept: .*cannot be written/)
})
