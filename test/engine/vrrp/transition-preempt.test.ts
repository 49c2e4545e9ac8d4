import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LAST_RESORT, OWNER } from '../../../src/engine/vrrp/types.ts'
import { configWith, drive, driveMaster, HIGHER_ADDRESS, LOWER_ADDRESS, millis, seconds, words } from './setting.ts'

const started = (config = configWith(), priority = 100) => {
  const router = drive(config, priority)
  router.startup(0)
  return router
}

describe('nopreempt', () => {
  const config = configWith({ preempt: false })

  test('a lower master is followed', () => {
    const router = started(config)
    router.hear(3, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.backup().armedAt, seconds(3))
  })

  test('but not one that says it cannot serve', () => {
    const router = started(config)
    router.hear(1, LOWER_ADDRESS, { priority: 50 })
    router.hear(2, LOWER_ADDRESS, { priority: LAST_RESORT })
    assert.equal(router.backup().armedAt, seconds(1), 'the timer keeps running')
    assert.equal(words(router.timer(5))[0], 'backup->master (preempted)')
  })

  test('two that cannot serve follow each other', () => {
    const router = started(config, LAST_RESORT)
    router.hear(2, LOWER_ADDRESS, { priority: LAST_RESORT })
    assert.equal(router.backup().armedAt, seconds(2))
  })

  test('the owner preempts all the same', () => {
    const router = driveOwnerToBackup()
    router.hear(12, LOWER_ADDRESS, { priority: 254 })
    assert.equal(router.backup().armedAt, seconds(11))
  })

  const driveOwnerToBackup = () => {
    const router = drive(config, OWNER)
    router.startup(10)
    router.hear(11, HIGHER_ADDRESS, { priority: OWNER })
    return router
  }
})

describe('preempt_delay', () => {
  const config = configWith({ preemptDelay: seconds(10) })

  test('a lower master is followed until the delay has run, then its adverts are discarded', () => {
    const router = started(config)
    for (const at of [1, 4, 7, 10]) router.hear(at, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.backup().armedAt, seconds(10))
    assert.equal(router.backup().preemptAt, seconds(11))
    router.hear(11, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.backup().armedAt, seconds(10))
    assert.equal(words(router.timer(13.7))[0], 'backup->master (preempted)')
  })

  test('an equal or higher advert cancels it', () => {
    const router = started(config)
    router.hear(1, LOWER_ADDRESS, { priority: 50 })
    router.hear(2, HIGHER_ADDRESS, { priority: 100 })
    assert.equal(router.backup().preemptAt, undefined)
    router.hear(3, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.backup().preemptAt, seconds(13))
  })

  test('a master that cannot serve is not tolerated', () => {
    const router = started(config)
    router.hear(2, LOWER_ADDRESS, { priority: LAST_RESORT })
    assert.equal(router.backup().armedAt, 0)
  })

  test('a silent master is replaced without any delay', () => {
    const router = started(config)
    router.hear(1, LOWER_ADDRESS, { priority: 50 })
    assert.equal(words(router.timer(4.7))[0], 'backup->master (master-down)')
  })
})

describe('effective priority', () => {
  test('a backup waits as its new priority says, from the last advert that counts', () => {
    const router = started()
    router.hear(1, HIGHER_ADDRESS, { priority: 200 })
    router.reprioritize(2, 180)
    assert.equal(router.backup().masterDownAt, 1_000_000 + 3_296_875)
  })

  test('an overdue wait is due now, not in the past', () => {
    const router = started()
    router.reprioritize(3.5, 254)
    assert.equal(router.backup().masterDownAt, seconds(3.5))
  })

  test('lowered below a master that was discarded so far, a backup follows it from its last advert', () => {
    const router = started(configWith(), 100)
    for (const at of [1, 2, 3]) router.hear(at, LOWER_ADDRESS, { priority: 50, interval: seconds(2) })
    router.reprioritize(3.5, 40)
    assert.equal(router.backup().armedAt, seconds(3))
    assert.equal(router.backup().masterDownAt, 3_000_000 + 7_687_500, 'also with its interval')
    assert.deepEqual(router.timer(4), [])
  })

  test('a master shows it in its next advert', () => {
    const router = driveMaster(configWith())
    assert.deepEqual(router.reprioritize(10.5, 42), [])
    assert.deepEqual(words(router.timer(11)), ['send-advert 42'])
  })

  test('what tracking adds up to is held within 1..254', () => {
    const router = started()
    router.reprioritize(1, 300)
    assert.equal(router.state().priority, 254)
    router.reprioritize(2, -20)
    assert.equal(router.state().priority, 1)
  })

  test('an owner keeps its own', () => {
    const router = drive(configWith(), OWNER)
    router.startup(0)
    router.reprioritize(1, 10)
    assert.equal(router.state().priority, OWNER)
  })
})

describe('resign', () => {
  test('a master unbinds, releases, and waits as a backup of the given priority', () => {
    const router = driveMaster(configWith())
    assert.deepEqual(words(router.resign(12, LAST_RESORT)), ['master->backup (resigned)', 'unbind', 'send-advert 0'])
    assert.equal(router.backup().masterDownAt, 12_000_000 + 3_996_094)
  })

  test('claims again when nobody else does', () => {
    const router = driveMaster(configWith())
    router.resign(12, LAST_RESORT)
    assert.deepEqual(words(router.timer(16)), ['backup->master (master-down)', 'send-advert 1', 'bind', 'announce'])
  })

  test('a backup only changes its priority', () => {
    const router = started()
    router.hear(1, HIGHER_ADDRESS, { priority: 200 })
    assert.deepEqual(router.resign(2, LAST_RESORT), [])
    assert.equal(router.state().priority, LAST_RESORT)
    assert.equal(router.backup().armedAt, seconds(1))
  })
})

test('a backup that cannot serve waits five intervals after a release: longer than the one who resigned', () => {
  const [resigned, backup] = [driveMaster(configWith()), started(configWith(), LAST_RESORT)]
  backup.hear(11.5, HIGHER_ADDRESS, { priority: 100 })
  resigned.resign(12, LAST_RESORT)
  backup.hear(12, HIGHER_ADDRESS, { priority: 0 })
  assert.equal(backup.backup().masterDownAt, 12_000_000 + 4_996_094)
  assert.ok(resigned.backup().masterDownAt < backup.backup().masterDownAt)
})

test('a repeated release does not start Skew_Time anew', () => {
  const router = started()
  router.hear(1, HIGHER_ADDRESS, { priority: 200 })
  router.hear(2, HIGHER_ADDRESS, { priority: 0 })
  const { masterDownAt } = router.backup()
  router.hear(2.5, HIGHER_ADDRESS, { priority: 0 })
  assert.equal(router.backup().masterDownAt, masterDownAt)
  assert.equal(masterDownAt, seconds(2) + millis(609.375))
})
