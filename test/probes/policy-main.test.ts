import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeService, serviceDeadline } from '../../src/probes/policy.ts'
import type { ServiceConfig } from '../../src/probes/types.ts'
import { ms, type Play, play, rounds, seconds, service } from './support/service.ts'

const watched = (pid: number) => ({ kind: 'watched', pid }) as const
const died = (pid: number) => ({ kind: 'died', pid, how: 'its pid file is left' }) as const
const END = 'main process: process 7 ended: its pid file is left'

describe('the main process ends', () => {
  test('the configuration is tested at once, then it is restarted and probed quickly', () => {
    const { game } = running()
    assert.deepEqual(game.main(ms(1_200), died(7)), ['test-config'])
    assert.equal(game.notices.at(-1), END)
    assert.deepEqual(game.tested(ms(1_215), true), ['restart'])
    assert.deepEqual(game.restarted(ms(1_240), true), ['probe'])
    assert.deepEqual(game.main(ms(1_241), watched(9)), [])
    assert.deepEqual(game.refuse(ms(1_242)), [])
    assert.equal(serviceDeadline(game.state()), ms(1_257))
    game.timer(ms(1_257))
    assert.deepEqual(game.pass(ms(1_260)), [])
    assert.equal(game.notices.at(-1), 'restarted, back after 60ms')
    assert.equal(game.state().restarts.length, 1, 'counted against the budget')
  })

  test('with a broken configuration the address is yielded as soon as that is known', () => {
    const { game } = running()
    game.main(ms(1_200), died(7))
    assert.deepEqual(game.tested(ms(1_215), false, '[emerg] unknown directive'), ['yield config'])
  })

  test('where no restart can follow the address is yielded at once', () => {
    const { config, game } = running({ restart: { kind: 'none' } })
    assert.deepEqual(game.main(ms(1_200), died(7)), ['yield probe'])
    assert.equal(describeService(config, game.state(), ms(1_200)).reason, END)
  })

  test('without a test it is restarted at once', () => {
    const { game } = running({ configTest: undefined })
    assert.deepEqual(game.main(ms(1_200), died(7)), ['restart'])
  })

  test('the answer of the round that is under way counts no more', () => {
    const { game } = running()
    assert.deepEqual(game.timer(seconds(2)), ['probe'])
    game.main(ms(2_001), died(7))
    assert.deepEqual(game.pass(ms(2_002)), [])
    assert.equal(game.state().phase.kind, 'testing-config')
  })

  test('again and again: until the budget is used up', () => {
    const { game } = running()
    for (const at of [1_200, 1_300]) {
      game.main(ms(at), died(7))
      game.tested(ms(at), true)
      game.restarted(ms(at), true)
      game.pass(ms(at))
    }
    assert.deepEqual(game.main(ms(1_400), died(7)), ['yield budget'])
  })

  test('while it is verified: the next restart, without another test', () => {
    const { game } = running()
    game.main(ms(1_200), died(7))
    game.tested(ms(1_210), true)
    game.restarted(ms(1_220), true)
    assert.deepEqual(game.main(ms(1_230), died(9)), ['restart'])
  })

  test('during a test or a restart it is no news', () => {
    const { game } = running()
    game.main(ms(1_200), died(7))
    assert.deepEqual(game.main(ms(1_205), died(9)), [])
    game.tested(ms(1_210), true)
    assert.deepEqual(game.main(ms(1_215), died(9)), [])
    assert.equal(game.state().phase.kind, 'restarting')
  })

  test('when the service is given up, the good rounds are counted anew, with the next main process', () => {
    const { game } = running({ restart: { kind: 'none' } })
    rounds(game, 'refuse', 2, 3)
    rounds(game, 'pass', 5, 1)
    assert.deepEqual(game.main(ms(5_500), died(7)), [])
    assert.deepEqual(rounds(game, 'pass', 6, 3), [])
    game.main(ms(8_500), watched(8))
    assert.deepEqual(rounds(game, 'pass', 9, 1), [])
    assert.deepEqual(rounds(game, 'pass', 10, 1), ['resume'])
  })

  test('while remedies are paused nothing is tested or restarted', () => {
    const { game } = running()
    game.pause(true)
    assert.deepEqual(game.main(ms(1_200), died(7)), ['yield probe'])
  })
})

describe('another main process', () => {
  test('that somebody started during the test is verified instead of restarted', () => {
    const { game } = running()
    game.main(ms(1_200), died(7))
    game.main(ms(1_205), watched(9))
    assert.deepEqual(game.tested(ms(1_215), true), ['probe'])
    assert.equal(game.state().phase.kind, 'verifying')
    assert.equal(game.state().restarts.length, 0)
  })

  test('does not stop the restart of a server that hangs', () => {
    const { game } = running()
    assert.deepEqual(rounds(game, 'refuse', 2, 3), ['test-config'])
    assert.deepEqual(game.tested(ms(4_010), true), ['restart'])
  })

  test('takes over without a stir: said once, nothing is done', () => {
    const { game } = running()
    const before = game.state()
    assert.deepEqual(game.main(ms(1_200), watched(9)), [])
    assert.equal(game.notices.at(-1), 'its main process is 9 now, in place of 7')
    assert.deepEqual(game.state().phase, before.phase)
    assert.equal(game.state().probeAt, before.probeAt)
  })

  test('where none can be watched that is said with the reason', () => {
    const { game } = running()
    assert.deepEqual(game.main(ms(1_200), { kind: 'polled', reason: 'this kernel has no pidfd' }), [])
    assert.equal(game.notices.at(-1), 'its main process is not watched, only probed: this kernel has no pidfd')
  })
})

test('workers that still answer without their main process are not healthy, also once nothing more is tried', () => {
  const { game } = running({ configTest: undefined, budget: { restarts: 1, within: seconds(60) } })
  assert.deepEqual(game.main(ms(1_100), died(7)), ['restart'])
  game.restarted(ms(1_150), true)
  game.main(ms(1_160), watched(8))
  game.pass(ms(1_170))
  assert.deepEqual(game.main(ms(2_000), died(8)), ['yield budget'])
  for (let at = 3; at < 60; at += 1) {
    game.timer(seconds(at))
    assert.deepEqual(game.pass(seconds(at)), [])
  }
  game.timer(seconds(62))
  assert.deepEqual(game.pass(seconds(62)), ['restart'], 'the budget has room again')
  game.restarted(ms(62_100), true)
  game.main(ms(62_110), watched(9))
  game.pass(ms(62_120))
  game.timer(seconds(64))
  assert.deepEqual(game.pass(seconds(64)), ['resume'])
})

/** Healthy, process 7 is watched; the next round is due at 2 s. */
function running(changes: Partial<ServiceConfig> = {}): { readonly config: ServiceConfig; readonly game: Play } {
  const config = service(changes)
  const game = play(config)
  rounds(game, 'pass', 0, 2)
  game.main(seconds(1), watched(7))
  assert.equal(game.notices.at(-1), 'its main process is watched: 7')
  return { config, game }
}
