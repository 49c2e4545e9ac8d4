import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configWith, drive, driveMaster, HIGHER_ADDRESS, LOWER_ADDRESS, millis, seconds, words } from './setting.ts'

const config = configWith()

describe('entering the election', () => {
  test('a change of state is told first, then acted upon', () => {
    const router = drive(config)
    assert.deepEqual(words(router.startup(0)), ['initialize->backup (startup)'])
    assert.deepEqual(words(router.timer(4)), ['backup->master (master-down)', 'send-advert 100', 'bind', 'announce'])
  })

  test('the first wait is by the own interval, whatever was heard in an earlier life', () => {
    for (const priority of [50, 200]) {
      const router = drive(config)
      router.startup(0)
      router.hear(1, HIGHER_ADDRESS, { priority, interval: seconds(4) })
      router.shutdown(2)
      router.startup(3)
      assert.equal(router.backup().masterDownAt, 3_000_000 + 3_609_375)
    }
  })

  test('a second startup is no new start', () => {
    const router = drive(config)
    router.startup(0)
    assert.deepEqual(router.startup(2, 150), [])
    assert.equal(router.state().priority, 150)
    assert.equal(router.backup().armedAt, 0)
  })
})

test("a master's interval is its own again", () => {
  const router = drive(config)
  router.startup(0)
  router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(4) })
  router.timer(20)
  assert.equal(router.state().masterInterval, seconds(1))
})

describe('leaving', () => {
  test('a master unbinds first and releases then', () => {
    assert.deepEqual(words(driveMaster(config).shutdown(11)), [
      'master->initialize (shutdown)',
      'unbind',
      'send-advert 0',
    ])
  })

  test('twice is once', () => {
    const router = driveMaster(config)
    router.shutdown(11)
    assert.deepEqual(router.shutdown(12), [])
  })

  test('out of the election nothing is heard, awaited or learned', () => {
    const router = drive(config)
    const before = router.state()
    assert.deepEqual([router.timer(1), router.hear(2, HIGHER_ADDRESS, { interval: seconds(3) })], [[], []])
    assert.deepEqual(router.state(), before)
  })
})

describe('why a backup claims', () => {
  test('preemption names the lower master that was alive', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(3, LOWER_ADDRESS, { priority: 50 })
    const [change] = router.timer(4)
    assert.deepEqual(change?.kind === 'state-change' && change.cause, {
      kind: 'preempted',
      from: { address: LOWER_ADDRESS, priority: 50, interval: seconds(1), heardAt: seconds(3) },
    })
  })

  test('silence names the master that was followed and how long nothing came', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200 })
    const [change] = router.timer(5)
    assert.deepEqual(change?.kind === 'state-change' && change.cause, {
      kind: 'master-down',
      waited: seconds(4),
      last: { address: HIGHER_ADDRESS, priority: 200, interval: seconds(1), heardAt: seconds(1) },
    })
  })

  test('a release names the master with the priority it had', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200 })
    router.hear(2, HIGHER_ADDRESS, { priority: 0 })
    const [change] = router.timer(3)
    assert.equal(change?.kind === 'state-change' && change.cause.kind, 'master-released')
    assert.equal(router.state().master?.priority, 200)
  })

  test('after a restart the master of an earlier life is not blamed', () => {
    const router = drive(config)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 200 })
    router.shutdown(2)
    router.startup(60)
    const [change] = router.timer(70)
    assert.deepEqual(change?.kind === 'state-change' && change.cause, {
      kind: 'master-down',
      waited: seconds(10),
      last: undefined,
    })
  })
})

describe('late and early wake-ups', () => {
  test('early ones change nothing', () => {
    const router = driveMaster(config)
    const before = router.state()
    assert.deepEqual(router.timer(10.9), [])
    assert.deepEqual(router.state(), before)
  })

  test('a late one sends one advert and counts from then', () => {
    const router = driveMaster(configWith({ announceAt: [millis(0)] }))
    assert.deepEqual(words(router.timer(17.3)), ['send-advert 100'])
    assert.deepEqual(router.timer(17.3), [])
    assert.equal(router.master().advertAt, 18_300_000)
  })
})
