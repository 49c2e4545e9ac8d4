import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OWNER } from '../../src/engine/vrrp/types.ts'
import {
  configWith,
  drive,
  driveMaster,
  HIGHER_ADDRESS,
  ip,
  LOWER_ADDRESS,
  seconds,
  words,
} from '../engine/vrrp/setting.ts'

/** The state machine: RFC 9568 6.4 (RFC 3768 6.4), each in both versions unless it is of one alone. */

for (const version of [2, 3] as const) {
  const config = configWith({ version })
  const started = (priority = 100, as = config) => {
    const router = drive(as, priority)
    router.startup(0)
    return router
  }

  describe(`v${version}, 6.4.1 Initialize`, () => {
    test('an owner sends an advert, announces and becomes master', () => {
      const router = drive(config, OWNER)
      assert.deepEqual(words(router.startup(0)), ['initialize->master (owner)', 'send-advert 255', 'bind', 'announce'])
      assert.equal(router.master().advertAt, seconds(1))
    })

    test('anybody else sets Master_Down_Timer to Master_Down_Interval and becomes backup', () => {
      const router = drive(config)
      assert.deepEqual(words(router.startup(0)), ['initialize->backup (startup)'])
      assert.equal(router.backup().masterDownAt, 3_609_375)
    })
  })

  describe(`v${version}, 6.4.2 Backup`, () => {
    test('MUST NOT send adverts', () => {
      const router = started()
      for (const priority of [0, 1, 100, 255]) assert.deepEqual(words(router.hear(1, LOWER_ADDRESS, { priority })), [])
    })

    test('shutdown: cancel the timer, become Initialize, send nothing', () => {
      const router = started()
      assert.deepEqual(words(router.shutdown(1)), ['backup->initialize (shutdown)'])
    })

    test('Master_Down_Timer: send an advert, announce, become master', () => {
      const router = started()
      assert.deepEqual(words(router.timer(3.609_375)), [
        'backup->master (master-down)',
        'send-advert 100',
        'bind',
        'announce',
      ])
    })

    test('not before it expires', () => {
      assert.deepEqual(started().timer(3.609_374), [])
    })

    test('priority 0: set the timer to Skew_Time, also without preemption', () => {
      for (const preempt of [true, false]) {
        const router = started(100, { ...config, preempt })
        router.hear(1, HIGHER_ADDRESS, { priority: 200 })
        router.hear(2, HIGHER_ADDRESS, { priority: 0 })
        assert.equal(router.backup().masterDownAt, 2_609_375)
      }
    })

    test('priority >= ours: reset the timer, whatever the address', () => {
      for (const from of [LOWER_ADDRESS, HIGHER_ADDRESS]) {
        for (const priority of [100, 101, 255]) {
          const router = started()
          router.hear(2, from, { priority })
          assert.equal(router.backup().masterDownAt, 5_609_375)
        }
      }
    })

    test('lower priority, Preempt_Mode true: discard', () => {
      const router = started()
      router.hear(2, HIGHER_ADDRESS, { priority: 99 })
      assert.equal(router.backup().masterDownAt, 3_609_375)
    })

    test('lower priority, Preempt_Mode false: reset the timer', () => {
      const router = started(100, { ...config, preempt: false })
      router.hear(2, HIGHER_ADDRESS, { priority: 99 })
      assert.equal(router.backup().masterDownAt, 5_609_375)
    })
  })

  describe(`v${version}, 6.4.3 Master`, () => {
    test('shutdown: release and let go', () => {
      assert.deepEqual(words(driveMaster(config).shutdown(11)), [
        'master->initialize (shutdown)',
        'unbind',
        'send-advert 0',
      ])
    })

    test('Adver_Timer: send an advert, reset the timer', () => {
      const router = driveMaster(config)
      assert.deepEqual(words(router.timer(11)), ['send-advert 100'])
      assert.equal(router.master().advertAt, seconds(12))
    })

    test('priority 0: send an advert at once, reset the timer', () => {
      const router = driveMaster(config)
      assert.equal(words(router.hear(10.5, LOWER_ADDRESS, { priority: 0 }))[0], 'send-advert 100')
      assert.equal(router.master().advertAt, seconds(11.5))
    })

    test('priority 0 just after an advert that was answered: at once all the same', () => {
      const router = driveMaster(config)
      router.hear(10.5, LOWER_ADDRESS, { priority: 99 })
      assert.equal(words(router.hear(10.51, LOWER_ADDRESS, { priority: 0 }))[0], 'send-advert 100')
      assert.equal(router.master().advertAt, seconds(11.51))
    })

    test('higher priority: become backup, also without preemption (and, by our own rule, say so once)', () => {
      for (const preempt of [true, false]) {
        const router = driveMaster({ ...config, preempt })
        const actions = router.hear(10.5, LOWER_ADDRESS, { priority: 101 })
        assert.deepEqual(words(actions), ['master->backup (higher-priority)', 'unbind', 'send-advert 100'])
        assert.equal(router.backup().masterDownAt, 10_500_000 + 3_609_375)
      }
    })

    test('equal priority: the higher address wins, compared as an unsigned number', () => {
      const yields = (ours: string, theirs: string): boolean => {
        const router = driveMaster({ ...config, source: ip(ours) })
        router.hear(10.5, ip(theirs), { priority: 100 })
        return router.state().phase.kind === 'backup'
      }
      assert.ok(yields('10.0.0.9', '10.0.0.10'), 'not as text')
      assert.ok(!yields('10.0.0.10', '10.0.0.9'))
      assert.ok(yields('10.0.0.1', '200.0.0.1'), 'not signed')
      assert.ok(!yields('200.0.0.1', '10.0.0.1'))
    })

    test('lower priority: stay master and send an advert at once', () => {
      const router = driveMaster(config)
      assert.equal(words(router.hear(10.5, HIGHER_ADDRESS, { priority: 99 }))[0], 'send-advert 100')
    })
  })

  test(`v${version}, 6.1: no preemption still means to take over from a silent master`, () => {
    const router = started(100, { ...config, preempt: false })
    router.hear(1, HIGHER_ADDRESS, { priority: 50 })
    assert.equal(words(router.timer(4.7))[0], 'backup->master (master-down)')
  })

  test(`v${version}, 6.2: of the two timers each runs in its own state alone`, () => {
    const router = driveMaster(config)
    assert.ok(!('masterDownAt' in router.state().phase))
    router.hear(10.5, HIGHER_ADDRESS, { priority: 200 })
    assert.ok(!('advertAt' in router.state().phase))
    router.shutdown(12)
    assert.deepEqual(router.state().phase, { kind: 'initialize' })
  })
}

describe("v3, 6.1: Active_Adver_Interval is the master's", () => {
  const config = configWith()

  test('learned from accepted adverts, in Backup and when yielding', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(5) })
    assert.equal(router.backup().masterDownAt, 1_000_000 + 18_046_875)

    const master = driveMaster(config)
    master.hear(11, HIGHER_ADDRESS, { priority: 200, interval: seconds(5) })
    assert.equal(master.backup().masterDownAt, 11_000_000 + 18_046_875)
  })

  test('not from discarded ones, nor from releases', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, LOWER_ADDRESS, { priority: 50, interval: seconds(5) })
    router.hear(2, LOWER_ADDRESS, { priority: 0, interval: seconds(7) })
    assert.equal(router.state().masterInterval, seconds(1))
    assert.equal(router.backup().masterDownAt, 2_609_375)
  })

  test('the skew of a release is a part of it', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(5) })
    router.hear(2, HIGHER_ADDRESS, { priority: 0, interval: seconds(5) })
    assert.equal(router.backup().masterDownAt, 2_000_000 + 3_046_875)
  })

  test('6.4.1: the first wait is by our own, whatever was learned before', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(5) })
    router.shutdown(2)
    router.startup(3)
    assert.equal(router.backup().masterDownAt, 3_000_000 + 3_609_375)
  })

  test('6.4.3: a master sends at its own interval', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(5) })
    router.timer(20)
    assert.equal(router.master().advertAt, seconds(21))
  })
})

test('v2, 3768 6.1: the skew does not depend on the interval', () => {
  const router = drive(configWith({ version: 2, advertInterval: seconds(5) }))
  router.startup(0)
  assert.equal(router.backup().masterDownAt, 15_609_375)
})
