import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serviceDeadline } from '../../src/probes/policy.ts'
import type { ServiceConfig } from '../../src/probes/types.ts'
import { ms, type Play, play, rounds, seconds, service } from './support/service.ts'

/** Healthy at 0, `fall` bad rounds at 1, 2 and 3 seconds. */
function fallen(changes: Partial<ServiceConfig> = {}): { readonly game: Play; readonly last: readonly string[] } {
  const game = play(service(changes))
  rounds(game, 'pass', 0, 1)
  return { game, last: rounds(game, 'refuse', 1, 3) }
}

describe('after `fall` bad rounds', () => {
  test('the configuration is tested before the restart', () => {
    const { game, last } = fallen()
    assert.deepEqual(last, ['test-config'])
    assert.equal(game.state().phase.kind, 'testing-config')
    assert.equal(serviceDeadline(game.state()), ms(3_500), 'patience')
    assert.deepEqual(game.timer(seconds(4)), [], 'nobody else could serve')
    assert.deepEqual(game.tested(ms(3_020), true), ['restart'])
    assert.equal(game.state().phase.kind, 'restarting')
    assert.deepEqual(game.state().restarts, [ms(3_020)])
  })

  test('a broken configuration yields at once, with its line and without a restart', () => {
    const { game } = fallen()
    assert.deepEqual(game.tested(ms(3_020), false, 'unknown directive in nginx.conf:7'), ['yield config'])
    const { phase } = game.state()
    assert.ok(phase.kind === 'failed')
    assert.deepEqual(phase.reason, { kind: 'config', line: 'unknown directive in nginx.conf:7' })
    assert.deepEqual(game.state().restarts, [])
  })

  test('without a test the restart follows directly', () => {
    assert.deepEqual(fallen({ configTest: undefined }).last, ['restart'])
  })

  test('without a method it yields for what the probe says', () => {
    const { game, last } = fallen({ restart: { kind: 'none' } })
    assert.deepEqual(last, ['yield probe'])
    const { phase } = game.state()
    assert.ok(phase.kind === 'failed')
    assert.deepEqual(phase.reason, { kind: 'probe', detail: 'tcp 127.0.0.1:80: connection refused' })
    assert.equal(phase.retryAt, undefined)
  })

  test('a budget of 0 never restarts', () => {
    const { last } = fallen({ budget: { restarts: 0, within: seconds(60) } })
    assert.deepEqual(last, ['yield probe'])
  })
})

describe('the restart', () => {
  test('that fails yields with its line, and is counted', () => {
    const { game } = fallen({ configTest: undefined })
    assert.deepEqual(game.restarted(seconds(4), false, 'Job for nginx.service failed'), ['yield restart-failed'])
    assert.deepEqual(game.state().restarts, [seconds(3)])
  })

  test('that works is verified by quick rounds until one is good', () => {
    const { game } = fallen({ configTest: undefined })
    assert.deepEqual(game.restarted(ms(3_100), true), ['probe'])
    assert.deepEqual(game.state().phase, { kind: 'verifying', until: ms(8_100) })
    assert.deepEqual(game.refuse(ms(3_110)), [])
    assert.equal(serviceDeadline(game.state()), ms(3_125))
    assert.deepEqual(game.timer(ms(3_125)), ['probe'])
    assert.deepEqual(game.pass(ms(3_130)), [], 'the address was held all the time')
    assert.equal(game.state().phase.kind, 'healthy')
    assert.equal(game.notices.at(-1), 'restarted, back after 2.13s')
    assert.equal(serviceDeadline(game.state()), ms(4_130))
  })

  test('that takes longer than a second is looked at more rarely', () => {
    const { game } = fallen({ configTest: undefined })
    game.restarted(ms(3_100), true)
    game.refuse(ms(4_100))
    assert.equal(game.state().probeAt, ms(4_300))
  })

  test('is probed no slower than the interval', () => {
    const { game } = fallen({ configTest: undefined, interval: ms(50) })
    game.restarted(ms(3_100), true)
    game.refuse(ms(4_110))
    assert.equal(serviceDeadline(game.state()), ms(4_160))
  })

  test('before the first verdict tells the engine when it helped', () => {
    const game = play(service({ configTest: undefined }))
    rounds(game, 'refuse', 0, 3)
    game.restarted(seconds(3), true)
    assert.deepEqual(game.pass(seconds(4)), ['resume'])
  })
})

describe('a restart that does not help within `settle`', () => {
  test('is followed by the next one, without another test, then by a yield', () => {
    const { game } = fallen()
    game.tested(ms(3_000), true)
    game.restarted(ms(3_000), true)
    game.refuse(ms(3_010))
    assert.deepEqual(game.timer(seconds(8)), ['restart'])
    game.restarted(seconds(8), true)
    game.refuse(ms(8_010))
    assert.deepEqual(game.timer(seconds(13)), ['yield budget'])
    const { phase } = game.state()
    assert.ok(phase.kind === 'failed' && phase.reason.kind === 'budget')
    assert.equal(phase.reason.restarts, 2)
    assert.equal(phase.reason.detail, 'tcp 127.0.0.1:80: connection refused')
  })

  test('does not wait for a round that hangs, whose answer then is of no use', () => {
    const { game } = fallen({ configTest: undefined })
    assert.deepEqual(game.restarted(seconds(3), true), ['probe'])
    assert.equal(game.state().round?.overdueAt, seconds(6), 'before `settle` ends')
    game.timer(seconds(6))
    assert.deepEqual(game.timer(seconds(8)), ['restart'])
    assert.deepEqual(game.pass(ms(8_001)), [])
    assert.equal(game.state().phase.kind, 'restarting')
    assert.deepEqual(game.restarted(ms(8_002), true), ['probe'])
  })

  test('leaves no room for another one within the window, later it does', () => {
    const { game } = fallen({ configTest: undefined, budget: { restarts: 1, within: seconds(60) } })
    game.restarted(seconds(3), true)
    assert.deepEqual(game.pass(seconds(4)), [])
    assert.deepEqual(rounds(game, 'refuse', 59, 3), ['yield budget'], 'the first one is 58 s old')
    const later = fallen({ configTest: undefined, budget: { restarts: 1, within: seconds(60) } }).game
    later.restarted(seconds(3), true)
    later.pass(seconds(4))
    assert.deepEqual(rounds(later, 'refuse', 61, 3), ['restart'], 'the first one is 60 s old')
  })
})
