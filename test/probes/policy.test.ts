import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serviceDeadline } from '../../src/probes/policy.ts'
import { ZERO } from '../../src/shared/units.ts'
import { ms, passed, play, refused, rounds, seconds, service } from './support/service.ts'

describe('the first verdict', () => {
  test('probes at once; one good round is enough, whatever `rise` is', () => {
    const game = play(service({ rise: 5 }))
    assert.deepEqual(game.start(), ['probe'])
    assert.deepEqual(game.pass(ms(3)), ['resume'])
    assert.equal(game.state().phase.kind, 'healthy')
    assert.equal(game.state().verdict, 'good')
  })

  test('a bad round counts towards `fall`, the verdict stays unknown', () => {
    const game = play(service())
    game.start()
    assert.deepEqual(game.refuse(ms(1)), [])
    assert.deepEqual(game.state().phase, { kind: 'unknown', failures: 1 })
    assert.equal(game.state().verdict, 'unknown')
    assert.deepEqual(rounds(game, 'refuse', 2, 1), [])
    assert.deepEqual(rounds(game, 'refuse', 4, 1), ['test-config'])
  })

  test('bad rounds, then a good one: healthy, and the engine is told', () => {
    const game = play(service())
    rounds(game, 'refuse', 0, 2)
    assert.deepEqual(rounds(game, 'pass', 2, 1), ['resume'])
  })

  test('a second start does not probe twice', () => {
    const game = play(service())
    game.start()
    assert.deepEqual(game.start(ms(1)), [])
  })
})

describe('rounds', () => {
  test('begin one interval after the end of the last one', () => {
    const game = play(service())
    game.start()
    game.pass(ms(40))
    assert.equal(serviceDeadline(game.state()), ms(1_040))
    assert.deepEqual(game.timer(ms(1_039)), [], 'an early timer does nothing')
    assert.deepEqual(game.timer(ms(1_040)), ['probe'])
    assert.deepEqual(game.timer(ms(1_041)), [], 'rounds do not overlap')
  })

  test('after a bad one the next begins soon, and no later than ever', () => {
    for (const [interval, next] of [
      [seconds(1), ms(101)],
      [ms(50), ms(51)],
    ] as const) {
      const game = play(service({ interval }))
      game.start()
      game.refuse(ms(1))
      assert.equal(serviceDeadline(game.state()), next)
    }
  })

  test('where there is a reason one begins at once, and none beside another one or a repair', () => {
    const game = play(service({ fall: 1 }))
    rounds(game, 'pass', 0, 1)
    assert.deepEqual(game.look(ms(300)), ['probe'])
    assert.deepEqual(game.look(ms(301)), [])
    game.refuse(ms(302))
    assert.equal(game.state().phase.kind, 'testing-config')
    assert.deepEqual(game.look(ms(303)), [])
  })

  test('a good round in between starts the count anew and says so once', () => {
    const game = play(service())
    rounds(game, 'pass', 0, 1)
    rounds(game, 'refuse', 1, 2)
    rounds(game, 'pass', 3, 2)
    assert.deepEqual(rounds(game, 'refuse', 5, 2), [])
    assert.deepEqual(game.notices, [
      'tcp 127.0.0.1:80: connection refused (1 of 3)',
      'tcp 127.0.0.1:80: connection refused (2 of 3)',
      'good again after 2s: tcp 127.0.0.1:80: connected in 1ms',
      'tcp 127.0.0.1:80: connection refused (1 of 3)',
      'tcp 127.0.0.1:80: connection refused (2 of 3)',
    ])
  })

  test('without an answer the next one begins at once: that wait was long enough', () => {
    const game = play(service())
    const hung = [{ probe: 'http', ok: false, detail: 'no answer within 1s', took: ms(999) }]
    game.start()
    assert.deepEqual(game.answer(ms(1_000), hung), ['probe'])
    assert.deepEqual(game.answer(ms(2_000), hung), ['probe'])
    assert.deepEqual(game.answer(ms(3_000), hung), ['test-config'])
  })

  test('one bad probe of several makes a bad round', () => {
    const game = play(service())
    game.start()
    game.answer(ms(1), [...passed, ...refused])
    assert.deepEqual(game.state().phase, { kind: 'unknown', failures: 1 })
    assert.deepEqual(game.notices, ['tcp 127.0.0.1:80: connection refused (1 of 3)'])
    assert.equal(game.state().downSince, ms(1))
  })

  test('a healthy service keeps the time since when it is healthy', () => {
    const game = play(service())
    rounds(game, 'pass', 0, 5)
    assert.equal(game.state().since, ZERO)
  })

  test('results that nobody asked for are ignored', () => {
    const game = play(service())
    rounds(game, 'pass', 0, 1)
    const before = game.state()
    assert.deepEqual(game.refuse(ms(10)), [])
    assert.deepEqual(game.tested(ms(11), false, 'broken'), [])
    assert.deepEqual(game.restarted(ms(12), false, 'broken'), [])
    assert.equal(game.state(), before)
  })
})

describe('a round that never answers', () => {
  test('counts as bad at its own deadline, again and again, without a second one', () => {
    const game = play(service())
    game.start()
    game.pass(ms(1))
    game.timer(seconds(2))
    assert.equal(serviceDeadline(game.state()), seconds(5), 'timeout and grace after its start')
    assert.deepEqual(game.timer(seconds(4)), [])
    assert.deepEqual(game.timer(seconds(5)), [])
    assert.deepEqual(game.timer(seconds(8)), [])
    assert.deepEqual(game.timer(seconds(11)), ['test-config'])
    assert.match(game.notices.at(-1) ?? '', /no result 3s after they were started \(3 of 3\)/)
  })

  test('its late answer is no evidence, it only frees the way', () => {
    const game = play(service())
    game.start()
    game.timer(seconds(3))
    assert.deepEqual(game.pass(ms(3_500)), [])
    assert.equal(game.state().phase.kind, 'unknown')
    assert.equal(serviceDeadline(game.state()), ms(3_100))
    assert.deepEqual(game.timer(seconds(4)), ['probe'])
    assert.deepEqual(game.pass(seconds(4)), ['resume'])
  })
})
