import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nextDeadline } from '../../../src/engine/vrrp/timing.ts'
import { OWNER } from '../../../src/engine/vrrp/types.ts'
import {
  configWith,
  drive,
  driveMaster,
  HIGHER_ADDRESS,
  ip,
  LOWER_ADDRESS,
  noticesOf,
  OURS,
  seconds,
  VIP,
  words,
} from './setting.ts'

const config = configWith()

describe('a lower master is answered', () => {
  test('at once, announcing anew', () => {
    const router = driveMaster(config)
    const actions = router.hear(13, LOWER_ADDRESS, { priority: 50 })
    assert.deepEqual(words(actions), ['send-advert 100', 'announce'])
    assert.deepEqual(noticesOf(actions), [{ kind: 'lower-master-heard', from: LOWER_ADDRESS, priority: 50 }])
    assert.equal(router.master().advertAt, seconds(14))
    assert.equal(router.master().announceAt, seconds(18), 'second round, counted from the answer')
  })

  test('again after a quarter of our interval, by pulling the next advert forward', () => {
    const router = driveMaster(config)
    router.hear(13, LOWER_ADDRESS, { priority: 50 })
    assert.deepEqual(words(router.hear(13.1, LOWER_ADDRESS, { priority: 60 })), [])
    assert.equal(nextDeadline(router.state()), seconds(13.25))
    assert.deepEqual(words(router.timer(13.25)), ['send-advert 100', 'announce'])
    assert.deepEqual(words(router.hear(13.3, LOWER_ADDRESS, { priority: 60 })), [])
    assert.equal(nextDeadline(router.state()), seconds(13.5))
  })

  test('a flood makes us send four adverts per interval at most', () => {
    const router = driveMaster(configWith({ announceAt: [] }))
    const adverts: string[] = []
    for (let ms = 11_000; ms < 21_000; ms++) {
      const due = nextDeadline(router.state())
      if (due !== undefined && due <= ms * 1_000) adverts.push(...words(router.timer(ms / 1_000)))
      adverts.push(...words(router.hear(ms / 1_000, LOWER_ADDRESS, { priority: 1 + (ms % 98) })))
    }
    const sent = adverts.filter((word) => word.startsWith('send-advert')).length
    assert.ok(sent >= 38 && sent <= 42, `${sent} adverts in 10 intervals`)
    assert.ok(adverts.filter((word) => word === 'announce').length <= 41)
  })

  test('an advert that is due sooner is not put off', () => {
    const router = driveMaster(config)
    router.timer(11)
    router.hear(11.1, LOWER_ADDRESS, { priority: 50 })
    router.hear(11.2, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.master().advertAt, seconds(11.35))
    router.hear(11.3, LOWER_ADDRESS, { priority: 50 })
    assert.equal(router.master().advertAt, seconds(11.35))
  })

  test('a release just after a lower advert is answered at once too, then as lower adverts are for an interval', () => {
    const router = driveMaster(config)
    router.hear(13, LOWER_ADDRESS, { priority: 50 })
    assert.deepEqual(words(router.hear(13.1, HIGHER_ADDRESS, { priority: 0 })), ['send-advert 100', 'announce'])
    assert.equal(router.master().advertAt, seconds(14.1))
    assert.deepEqual(words(router.hear(13.2, HIGHER_ADDRESS, { priority: 0 })), [])
    assert.equal(nextDeadline(router.state()), seconds(13.35))
    router.timer(13.35)
    router.hear(14.1, LOWER_ADDRESS, { priority: 50 })
    assert.deepEqual(words(router.hear(14.11, HIGHER_ADDRESS, { priority: 0 })), ['send-advert 100', 'announce'])
  })

  test('a flood of releases among lower adverts adds one advert per interval', () => {
    const router = driveMaster(configWith({ announceAt: [] }))
    let sent = 0
    for (let ms = 11_000; ms < 21_000; ms++) {
      const due = nextDeadline(router.state())
      const timed = due !== undefined && due <= ms * 1_000 ? router.timer(ms / 1_000) : []
      const heard = router.hear(ms / 1_000, LOWER_ADDRESS, { priority: ms % 2 })
      sent += words([...timed, ...heard]).filter((word) => word.startsWith('send-advert')).length
    }
    assert.ok(sent >= 38 && sent <= 52, `${sent} adverts in 10 intervals`)
  })

  test('a release heard by a master is answered alike', () => {
    const router = driveMaster(config)
    const actions = router.hear(13, HIGHER_ADDRESS, { priority: 0 })
    assert.deepEqual(words(actions), ['send-advert 100', 'announce'])
    assert.equal(router.state().master, undefined)
  })
})

describe('announcements', () => {
  const rounds = configWith({ announceAt: [seconds(0), seconds(0.3), seconds(2)], announceRefresh: seconds(60) })

  test('follow their offsets and are refreshed then', () => {
    const router = driveMaster(rounds)
    const announced: number[] = []
    for (let tenths = 100; tenths < 2_000; tenths++) {
      if (words(router.timer(tenths / 10)).includes('announce')) announced.push(tenths / 10)
    }
    assert.deepEqual(announced, [10.3, 12, 72, 132, 192])
  })

  test('end without a refresh', () => {
    const router = driveMaster(configWith({ announceAt: [seconds(0)] }))
    assert.equal(router.master().announceAt, undefined)
  })

  test('are forgotten when yielding', () => {
    const router = driveMaster(rounds)
    router.hear(10.1, HIGHER_ADDRESS, { priority: 200 })
    assert.deepEqual(router.timer(10.3), [])
  })
})

describe('a loser of an election', () => {
  test('says one last advert when its address is gone, so that the winner knows of it', () => {
    const actions = driveMaster(config).hear(11, HIGHER_ADDRESS, { priority: 200 })
    assert.deepEqual(words(actions), ['master->backup (higher-priority)', 'unbind', 'send-advert 100'])
  })

  test('is answered by the winner with an advert and announcements, and is no surprise after a preemption', () => {
    const router = drive(config)
    router.startup(0)
    for (const at of [1, 2, 3]) router.hear(at, LOWER_ADDRESS, { priority: 50 })
    router.timer(3.7)
    const actions = router.hear(3.701, LOWER_ADDRESS, { priority: 50 })
    assert.deepEqual(words(actions), ['send-advert 100', 'announce'])
    assert.deepEqual(noticesOf(actions), [])
  })

  test('that was never heard of is named', () => {
    const router = driveMaster(config)
    const [notice] = noticesOf(router.hear(11, LOWER_ADDRESS, { priority: 50 }))
    assert.equal(notice?.kind, 'lower-master-heard')
  })
})

describe('a master that overslept', () => {
  test('lets go without a word and listens for the whole time', () => {
    const router = driveMaster(config)
    assert.deepEqual(words(router.lapse(20)), ['master->backup (lapsed)', 'unbind'])
    assert.equal(router.backup().masterDownAt, 20_000_000 + 3_609_375)
  })

  test('as a backup it goes on as it was', () => {
    const router = drive(config)
    router.startup(0)
    const before = router.backup()
    assert.deepEqual(router.lapse(1), [])
    assert.deepEqual(router.backup(), before)
  })
})

describe('repeated announcements', () => {
  const refreshing = { ...config, announceAt: [seconds(0)], announceRefresh: seconds(1) }

  test('go out together with the adverts', () => {
    const router = driveMaster(refreshing)
    const { advertAt } = router.master()
    assert.deepEqual(words(router.timer(advertAt / 1_000_000)), ['send-advert 100', 'announce'])
  })

  test('that are far off do not', () => {
    const router = driveMaster({ ...refreshing, announceRefresh: seconds(60) })
    assert.deepEqual(words(router.timer(router.master().advertAt / 1_000_000)), ['send-advert 100'])
  })
})

describe('two owners', () => {
  test('the lower address yields', () => {
    const router = drive(config, OWNER)
    router.startup(0)
    const actions = router.hear(1, HIGHER_ADDRESS, { priority: OWNER })
    assert.deepEqual(words(actions), ['master->backup (tie-break)', 'unbind', 'send-advert 255'])
    assert.deepEqual(noticesOf(actions), [{ kind: 'two-owners', from: HIGHER_ADDRESS }])
  })

  test('the higher one stays and answers', () => {
    const router = drive(config, OWNER)
    router.startup(0)
    const actions = router.hear(1, LOWER_ADDRESS, { priority: OWNER })
    assert.deepEqual(words(actions), ['send-advert 255', 'announce'])
    assert.deepEqual(noticesOf(actions), [{ kind: 'two-owners', from: LOWER_ADDRESS }])
  })
})

describe('notices', () => {
  test('our own address, whatever it says, changes nothing', () => {
    for (const router of [drive(config), driveMaster(config)]) {
      router.startup(0)
      for (const priority of [0, 100, OWNER]) {
        const before = router.state()
        const actions = router.hear(11, OURS, { priority })
        assert.deepEqual(actions, [{ kind: 'notice', notice: { kind: 'own-address-heard', from: OURS } }])
        assert.deepEqual(router.state(), before)
      }
    }
  })

  test('other addresses and intervals are said and followed', () => {
    const router = drive(config)
    router.startup(0)
    const actions = router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: seconds(2), addresses: [VIP, OURS] })
    assert.deepEqual(noticesOf(actions), [
      { kind: 'interval-differs', from: HIGHER_ADDRESS, theirs: seconds(2), counted: seconds(2), ours: seconds(1) },
      { kind: 'addresses-differ', from: HIGHER_ADDRESS, theirs: [VIP, OURS] },
    ])
    assert.equal(router.backup().armedAt, seconds(1))
  })

  test('the order of addresses is no reason to complain, a missing one is', () => {
    const two = configWith({ addresses: [VIP, ip('192.0.2.201')] })
    const router = drive(two)
    router.startup(0)
    assert.deepEqual(noticesOf(router.hear(1, HIGHER_ADDRESS, { addresses: [...two.addresses].reverse() })), [])
    const [notice] = noticesOf(router.hear(2, HIGHER_ADDRESS, { addresses: [VIP] }))
    assert.equal(notice?.kind, 'addresses-differ')
  })

  test('come last', () => {
    const actions = driveMaster(config).hear(11, HIGHER_ADDRESS, { priority: 200, addresses: [] })
    assert.deepEqual(
      actions.map((action) => action.kind),
      ['state-change', 'unbind', 'send-advert', 'notice'],
    )
  })
})
