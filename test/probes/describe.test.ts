import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeFailure, describeService } from '../../src/probes/policy.ts'
import { ZERO } from '../../src/shared/units.ts'
import { ms, play, rounds, seconds, service } from './support/service.ts'

test('failures say what to look at', () => {
  assert.equal(describeFailure({ kind: 'probe', detail: 'tcp :80: connection refused' }), 'tcp :80: connection refused')
  assert.equal(describeFailure({ kind: 'config', line: 'nginx.conf:7' }), 'its configuration test failed: nginx.conf:7')
  assert.equal(describeFailure({ kind: 'restart-failed', line: 'exit 1' }), 'the restart failed: exit 1')
  const budget = { kind: 'budget', within: seconds(600), detail: 'connection refused' } as const
  assert.equal(describeFailure({ ...budget, restarts: 2 }), '2 restarts within 10m 0s did not help: connection refused')
  assert.match(describeFailure({ ...budget, restarts: 1 }), /^1 restart within/)
})

test('every phase has its word and its reason', () => {
  const config = service({ fall: 2, budget: { restarts: 1, within: seconds(60) } })
  const game = play(config)
  const shown = (now = ZERO) => Object.values(describeService(config, game.state(), now)).join(': ')
  assert.equal(shown(), 'UNKNOWN: not probed yet')
  rounds(game, 'refuse', 0, 1)
  assert.equal(shown(), 'UNKNOWN: tcp 127.0.0.1:80: connection refused (1 of 2)')
  rounds(game, 'pass', 1, 1)
  assert.equal(shown(), 'HEALTHY: tcp 127.0.0.1:80: connected in 1ms')
  rounds(game, 'refuse', 2, 1)
  assert.equal(shown(), 'FAILING: tcp 127.0.0.1:80: connection refused (1 of 2)')
  rounds(game, 'refuse', 3, 1)
  assert.equal(shown(), 'TESTING: tcp 127.0.0.1:80: connection refused; running "nginx -t" before a restart')
  game.tested(seconds(3), true)
  assert.equal(shown(), 'RESTARTING: tcp 127.0.0.1:80: connection refused; restart 1 of 1 within 1m 0s')
  game.restarted(seconds(3), true)
  assert.equal(shown(), 'VERIFYING: restart 1 of 1 within 1m 0s is done; it has 5s to pass its probes')
  game.refuse(seconds(3))
  game.timer(seconds(8))
  const failed = 'FAILED: 1 restart within 1m 0s did not help: tcp 127.0.0.1:80: connection refused'
  assert.equal(shown(seconds(8)), `${failed}; tried again in 1m 0s`)
  assert.equal(shown(ms(66_900)), `${failed}; tried again in 2s`)
  assert.equal(shown(seconds(68)), `${failed}; tried again after the next bad round`)
  game.pause(true)
  assert.equal(shown(seconds(8)), `${failed}; remedies paused: handed over`)
  game.pause(false)
  rounds(game, 'pass', 9, 1)
  assert.equal(shown(), `${failed}; passing again (1 of 2)`)
  rounds(game, 'refuse', 68, 1)
  assert.equal(shown(), `${failed}; running "nginx -t" before another restart`)
  game.tested(ms(68_500), true)
  assert.equal(shown(), `${failed}; being restarted once more`)
})
