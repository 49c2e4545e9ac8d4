import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { masterDownInterval, nextDeadline } from '../../../src/engine/vrrp/timing.ts'
import { initialState, transition } from '../../../src/engine/vrrp/transition.ts'
import type { RouterConfig } from '../../../src/engine/vrrp/types.ts'
import { type Micros, micros, plus, ZERO } from '../../../src/shared/units.ts'
import {
  advertOf,
  configWith,
  drive,
  driveMaster,
  HIGHER_ADDRESS,
  LOWER_ADDRESS,
  millis,
  noticesOf,
  seconds,
} from './setting.ts'

/** What an advert, which anybody can send, may do to Master_Down_Timer: no more than the configuration allows. */

const alone: Partial<RouterConfig> = { learns: { shortest: seconds(1), longest: seconds(1) } }
const mixed: Partial<RouterConfig> = { learns: { shortest: millis(200), longest: seconds(5) } }
const SLOWEST = millis(40_950)
const FASTEST = millis(10)

describe('one forged advert', () => {
  test('with the longest interval makes a master step back for its own Master_Down_Interval', () => {
    const router = driveMaster(configWith(alone))
    router.hear(11, HIGHER_ADDRESS, { priority: 255, interval: SLOWEST })
    assert.equal(router.backup().masterDownAt, 11_000_000 + 3_609_375)
  })

  test('with the shortest interval makes no backup claim beside its master', () => {
    const router = drive(configWith(alone))
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 255, interval: FASTEST })
    assert.equal(router.backup().masterDownAt, 1_000_000 + 3_609_375)
  })

  test('is no reason for a longer wait of a backup that cannot serve, after a release', () => {
    const router = drive(configWith(alone), 1)
    router.startup(0)
    router.hear(1, HIGHER_ADDRESS, { priority: 0, interval: SLOWEST })
    assert.equal(router.backup().masterDownAt, 1_000_000 + 4_996_094)
  })

  test('beside foreign routers counts as the nearer bound', () => {
    for (const [theirs, counted] of [
      [SLOWEST, seconds(5)],
      [FASTEST, millis(200)],
      [seconds(2), seconds(2)],
    ] as const) {
      const router = drive(configWith(mixed))
      router.startup(0)
      const actions = router.hear(1, HIGHER_ADDRESS, { priority: 200, interval: theirs })
      assert.equal(router.state().masterInterval, counted)
      assert.equal(router.state().master?.interval, counted)
      assert.deepEqual(noticesOf(actions), [
        { kind: 'interval-differs', from: HIGHER_ADDRESS, theirs, counted, ours: seconds(1) },
      ])
    }
  })
})

const interval = fc.integer({ min: 1, max: 4095 }).map((value): Micros => millis(10 * value))
const heard = fc.tuple(
  fc.nat({ max: 4_000_000 }),
  fc.constantFrom(LOWER_ADDRESS, HIGHER_ADDRESS),
  fc.oneof(fc.constantFrom(0, 1, 99, 100, 101, 255), fc.nat({ max: 255 })),
  interval,
)
const settings = fc.record({
  preempt: fc.boolean(),
  preemptDelay: fc.constantFrom(ZERO, seconds(3), seconds(60)),
  advertInterval: fc.constantFrom(millis(10), millis(100), seconds(1), seconds(40)),
})

test('whatever adverts arrive, once they end a router is master within Master_Down_Interval and one interval', () => {
  fc.assert(
    fc.property(
      settings,
      fc.constantFrom(1, 50, 100, 254),
      fc.array(heard, { minLength: 1, maxLength: 30 }),
      (changes, priority, adverts) => {
        const { advertInterval } = changes
        const config = configWith({ ...changes, learns: { shortest: advertInterval, longest: advertInterval } })
        let now = seconds(1)
        let state = transition(config, initialState(config, priority), {
          ...{ kind: 'startup', now, priority, reason: '' },
        }).state
        const serve = (until: Micros): void => {
          for (let due = nextDeadline(state); due !== undefined && due <= until; due = nextDeadline(state)) {
            state = transition(config, state, { kind: 'timer', now: due }).state
          }
        }
        for (const [delay, from, theirs, every] of adverts) {
          now = plus(now, micros(delay))
          serve(now)
          const advert = advertOf(config, { priority: theirs, interval: every })
          state = transition(config, state, { kind: 'advert', now, from, advert }).state
        }
        serve(plus(now, plus(masterDownInterval(3, priority, advertInterval), advertInterval)))
        assert.equal(state.phase.kind, 'master')
      },
    ),
    { numRuns: 1_000 },
  )
})

test('and no backup claims sooner after its master than Master_Down_Interval, unless a release came', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(LOWER_ADDRESS, HIGHER_ADDRESS), interval), { minLength: 1, maxLength: 9 }),
      (adverts) => {
        const router = drive(configWith(alone))
        router.startup(0)
        for (const [from, every] of adverts) router.hear(1, from, { priority: 200, interval: every })
        assert.equal(router.backup().masterDownAt, 1_000_000 + 3_609_375)
      },
    ),
  )
})
