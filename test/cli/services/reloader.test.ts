import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreparedEngine } from '../../../src/cli/services/prepare-engine.ts'
import { createReloader } from '../../../src/cli/services/reloader.ts'
import type { LogRecord } from '../../../src/shared/log.ts'
import { fromMillis, type Micros, plus, ZERO } from '../../../src/shared/units.ts'
import { instance, planFor } from '../../engine/core/support.ts'

/** A reloader on a clock that runs while it waits, and by 5 ms with each reload. */
function reloading() {
  let now: Micros = ZERO
  const log: LogRecord[] = []
  const read: Micros[] = []
  const prepared: PreparedEngine = { plan: planFor('web1', [instance({})]), warnings: [] }
  const reloader = createReloader({
    options: { config: 'haup.yaml', node: undefined },
    prepared,
    engine: {
      follow: async () => {
        now = plus(now, fromMillis(5))
        return []
      },
    },
    manager: { reloading: () => undefined, ready: () => undefined },
    log: (record) => log.push(record),
    now: () => now,
    read: async () => {
      read.push(now)
      return prepared
    },
    wait: async (ms) => {
      now = plus(now, fromMillis(ms))
    },
  })
  return { reloader, log, read, now: () => now }
}

test('those who ask while a reload is under way are answered by one that reads after they asked', async () => {
  const { reloader, read, log } = reloading()
  const first = reloader.handle()
  // It has begun to read.
  while (read.length === 0) await Promise.resolve()
  const answers = await Promise.all([first, ...Array.from({ length: 500 }, () => reloader.handle())])
  assert.equal(read.length, 2)
  assert.ok(answers.every(({ ok }) => ok))
  assert.deepEqual(
    log.map(({ message }) => message),
    ['configuration read again: nothing changed', 'configuration read again: nothing changed (asked for 500 times)'],
  )
})

test('a storm of them is answered at a bounded pace', async () => {
  const { reloader, read, now } = reloading()
  for (let each = 0; each < 20; each += 1) await reloader.handle()
  assert.equal(read.filter((at) => at < fromMillis(1_000)).length, 5)
  assert.ok(now() >= fromMillis(28_000), `20 of them took ${now()} us`)
})
