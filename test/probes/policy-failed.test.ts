import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServiceConfig } from '../../src/probes/types.ts'
import { ms, type Play, play, rounds, seconds, service } from './support/service.ts'

const WITHIN = { budget: { restarts: 1, within: seconds(60) } } as const

/** Yielded at 3 s for a broken configuration; tests again from 8 s on. */
function yielded(changes: Partial<ServiceConfig> = {}): Play {
  const game = play(service({ ...WITHIN, ...changes }))
  rounds(game, 'pass', 0, 1)
  rounds(game, 'refuse', 1, 3)
  assert.deepEqual(game.tested(seconds(3), false, 'nginx.conf:7'), ['yield config'])
  game.notices.length = 0
  return game
}

const reasonOf = (game: Play): string => {
  const { phase } = game.state()
  return phase.kind === 'failed' ? phase.reason.kind : 'not failed'
}

describe('a service that was given up', () => {
  test('resumes after `rise` good rounds', () => {
    const game = yielded()
    assert.deepEqual(rounds(game, 'pass', 4, 1), [])
    assert.equal(game.state().phase.kind, 'failed')
    assert.deepEqual(rounds(game, 'pass', 5, 1), ['resume'])
    assert.equal(game.state().verdict, 'good')
    assert.deepEqual(game.notices, ['good again after 4s: tcp 127.0.0.1:80: connected in 1ms'])
  })

  test('a bad round in between starts the count anew', () => {
    const game = yielded()
    rounds(game, 'pass', 4, 1)
    rounds(game, 'refuse', 5, 1)
    assert.deepEqual(rounds(game, 'pass', 6, 1), [])
    assert.deepEqual(rounds(game, 'pass', 7, 1), ['resume'])
  })

  test('stays silent, round after round', () => {
    const game = yielded()
    rounds(game, 'refuse', 4, 4)
    assert.deepEqual(game.notices, [])
    assert.equal(reasonOf(game), 'config')
  })

  test('without a way to restart it only probes', () => {
    const game = play(service({ restart: { kind: 'none' } }))
    rounds(game, 'refuse', 0, 3)
    assert.deepEqual(rounds(game, 'refuse', 3, 1_000), [])
  })
})

describe('trying again', () => {
  test('every 5 s while the configuration is broken: the test, and what it says anew is told', () => {
    const game = yielded()
    assert.deepEqual(rounds(game, 'refuse', 7, 1), [])
    assert.deepEqual(rounds(game, 'refuse', 8, 1), ['test-config'])
    assert.deepEqual(game.timer(seconds(9)), [], 'no probes meanwhile')
    assert.deepEqual(game.tested(seconds(9), false, 'nginx.conf:9'), [])
    assert.deepEqual(game.notices, ['still failed: its configuration test failed: nginx.conf:9'])
    assert.deepEqual(rounds(game, 'refuse', 10, 4), [])
    assert.deepEqual(rounds(game, 'refuse', 14, 1), ['test-config'])
    game.tested(seconds(15), false, 'nginx.conf:9')
    assert.equal(game.notices.length, 1, 'the same reason is not told twice')
  })

  test('a repaired configuration is picked up: restart, then `rise` good rounds', () => {
    const game = yielded()
    rounds(game, 'refuse', 63, 1)
    assert.deepEqual(game.tested(ms(63_010), true), ['restart'])
    assert.deepEqual(game.restarted(ms(63_100), true), ['probe'])
    assert.equal(game.state().phase.kind, 'failed', 'the address stays yielded')
    assert.deepEqual(game.pass(ms(63_110)), [])
    game.timer(ms(64_110))
    assert.deepEqual(game.pass(ms(64_120)), ['resume'])
    assert.deepEqual(game.notices.slice(0, 2), [
      'still failed: tcp 127.0.0.1:80: connection refused',
      'restart 1 of 1 within 1m 0s',
    ])
  })

  test('a restart that fails becomes the reason', () => {
    const game = yielded({ configTest: ['nginx', '-t'] })
    rounds(game, 'refuse', 63, 1)
    game.tested(seconds(63), true)
    assert.deepEqual(game.restarted(seconds(64), false, 'port in use'), [], 'it is yielded already')
    assert.equal(reasonOf(game), 'restart-failed')
    assert.equal(game.notices.at(-1), 'still failed: the restart failed: port in use')
  })

  test('a server that recovers is not disturbed', () => {
    const game = yielded({ rise: 5 })
    assert.deepEqual(rounds(game, 'pass', 62, 4), [])
    assert.deepEqual(rounds(game, 'refuse', 66, 1), ['test-config'])
  })
})
