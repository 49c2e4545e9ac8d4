import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms, type Play, play, rounds, seconds, service } from './support/service.ts'

const paused = (): Play => {
  const game = play(service())
  rounds(game, 'pass', 0, 1)
  game.pause(true)
  return game
}

test('a server that an administrator stops is not started against him', () => {
  const game = paused()
  assert.deepEqual(rounds(game, 'refuse', 1, 3), ['yield probe'])
  assert.deepEqual(rounds(game, 'refuse', 4, 1_000), [], 'still probed, nothing else')
  assert.equal(game.state().lastResults[0]?.ok, false)
})

test('a server that works again is resumed', () => {
  const game = paused()
  rounds(game, 'refuse', 1, 3)
  assert.deepEqual(rounds(game, 'pass', 4, 2), ['resume'])
})

test('when the pause ends, what still fails is tried at once', () => {
  const game = paused()
  rounds(game, 'refuse', 1, 10)
  game.pause(false)
  assert.deepEqual(rounds(game, 'refuse', 11, 1), ['test-config'])
  assert.deepEqual(game.tested(seconds(11), true), ['restart'])
  game.restarted(seconds(12), true)
  assert.deepEqual(rounds(game, 'pass', 13, 2), ['resume'])
})

test('a test that is under way when the pause begins leads to no restart', () => {
  const game = play(service())
  rounds(game, 'pass', 0, 1)
  assert.deepEqual(rounds(game, 'refuse', 1, 3), ['test-config'])
  game.pause(true)
  assert.deepEqual(game.tested(ms(3_050), true), ['yield probe'])
})

test('nor does one of a service that was given up', () => {
  const game = play(service())
  rounds(game, 'pass', 0, 1)
  rounds(game, 'refuse', 1, 3)
  game.tested(seconds(3), false, 'nginx.conf:7')
  assert.deepEqual(rounds(game, 'refuse', 8, 1), ['test-config'])
  game.pause(true)
  assert.deepEqual(game.tested(ms(8_050), true), [])
  assert.deepEqual(rounds(game, 'refuse', 9, 20), [])
  game.pause(false)
  assert.deepEqual(rounds(game, 'refuse', 29, 1), ['test-config'])
})
