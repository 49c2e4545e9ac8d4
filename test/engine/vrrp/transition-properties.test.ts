import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextDeadline } from '../../../src/engine/vrrp/timing.ts'
import { initialState, transition } from '../../../src/engine/vrrp/transition.ts'
import type { RouterAction, RouterConfig, RouterEvent, RouterState } from '../../../src/engine/vrrp/types.ts'
import { micros, plus, ZERO } from '../../../src/shared/units.ts'
import { advertOf, configWith, HIGHER_ADDRESS, LOWER_ADDRESS, millis, OURS, seconds } from './setting.ts'

/** What must hold for one router whatever happens to it, in whatever order. */

const from = fc.constantFrom(LOWER_ADDRESS, HIGHER_ADDRESS, OURS)
const priority = fc.oneof(fc.constantFrom(0, 1, 99, 100, 101, 254, 255), fc.nat({ max: 255 }))
const interval = fc.constantFrom(millis(10), millis(250), seconds(1), seconds(5))
const anyConfig: fc.Arbitrary<RouterConfig> = fc
  .record({
    version: fc.constantFrom(2, 3),
    preempt: fc.boolean(),
    preemptDelay: fc.constantFrom(ZERO, seconds(3)),
    advertInterval: interval,
    announceAt: fc.constantFrom([], [ZERO], [ZERO, ZERO, millis(40), seconds(2)]),
    announceRefresh: fc.constantFrom(ZERO, seconds(7)),
  })
  .map(configWith)

type Happening = (config: RouterConfig, state: RouterState) => RouterEvent
const later = fc.oneof(fc.nat({ max: 50_000 }), fc.nat({ max: 6_000_000 }))

/** Events in which time does not yet matter; the walk below sets it. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 2,
    arbitrary: priority.map(
      (to): Happening =>
        () => ({ kind: 'startup', now: ZERO, priority: to, reason: '' }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Happening>(() => ({ kind: 'shutdown', now: ZERO, reason: '' })) },
  {
    weight: 1,
    arbitrary: priority.map(
      (to): Happening =>
        () => ({ kind: 'resign', now: ZERO, priority: to, reason: '' }),
    ),
  },
  {
    weight: 2,
    arbitrary: priority.map(
      (to): Happening =>
        () => ({ kind: 'priority', now: ZERO, priority: to, reason: '' }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(from, priority, interval).map(
      ([sender, theirs, every]): Happening =>
        (config) => {
          const advert = advertOf(config, {
            priority: theirs,
            interval: config.version === 2 ? config.advertInterval : every,
          })
          return { kind: 'advert', now: ZERO, from: sender, advert }
        },
    ),
  },
  { weight: 6, arbitrary: fc.constant<Happening>(() => ({ kind: 'timer', now: ZERO })) },
)

const anyHistory = fc.array(fc.tuple(fc.option(later), happening), { maxLength: 60, size: 'max' })

type Visit = { before: RouterState; event: RouterEvent; after: RouterState; actions: readonly RouterAction[] }

/** Runs a history; no delay given means: exactly when the router wants to be woken. */
function walk(
  config: RouterConfig,
  history: readonly (readonly [number | null, Happening])[],
  visit: (v: Visit) => void,
) {
  let now = seconds(1)
  let state = initialState(config, 100)
  for (const [delay, make] of history) {
    const due = nextDeadline(state)
    now = delay === null ? micros(Math.max(now, due ?? now)) : plus(now, micros(delay))
    const event = { ...make(config, state), now }
    const before = structuredClone(state)
    const step = transition(config, state, event)
    assert.deepEqual(state, before, 'the state that is passed in is left alone')
    visit({ before, event, after: step.state, actions: step.actions })
    state = step.state
  }
}

const always = (check: (visit: Visit, config: RouterConfig) => void): void =>
  fc.assert(
    fc.property(anyConfig, anyHistory, (config, history) => walk(config, history, (visit) => check(visit, config))),
    { numRuns: 600 },
  )

const kinds = (actions: readonly RouterAction[]): string[] => actions.map((action) => action.kind)

test('a deadline that is set is never in the past', () => {
  always(({ before, event, after }) => {
    const deadline = nextDeadline(after)
    if (deadline !== undefined && deadline !== nextDeadline(before)) assert.ok(deadline >= event.now)
  })
})

test('after a timer event nothing is overdue', () => {
  always(({ event, after }, config) => {
    // Rounds of announcements without a distance between them follow at once.
    const atOnce = config.announceAt.length > 1 ? event.now : event.now + 1
    if (event.kind === 'timer') assert.ok((nextDeadline(after) ?? Infinity) >= atOnce)
  })
})

test('a change of state is told exactly when there is one, first, and once', () => {
  always(({ before, after, actions }) => {
    const told = actions.filter((action) => action.kind === 'state-change')
    if (before.phase.kind === after.phase.kind) return assert.deepEqual(told, [])
    const [change] = actions
    assert.equal(told.length, 1)
    assert.ok(change?.kind === 'state-change')
    assert.deepEqual([change.from, change.to], [before.phase.kind, after.phase.kind])
  })
})

test('priority 0 is sent right after unbinding, and only when leaving MASTER by our own will', () => {
  always(({ before, event, actions }) => {
    for (const [index, action] of actions.entries()) {
      if (action.kind !== 'send-advert' || action.priority !== 0) continue
      assert.equal(actions[index - 1]?.kind, 'unbind')
      assert.equal(before.phase.kind, 'master')
      assert.ok(event.kind === 'shutdown' || event.kind === 'resign')
    }
  })
})

test('a router unbinds when it leaves MASTER and binds when it enters it, and at no other time', () => {
  always(({ before, after, actions }) => {
    const [was, is] = [before.phase.kind === 'master', after.phase.kind === 'master']
    assert.equal(kinds(actions).includes('unbind'), was && !is)
    assert.equal(kinds(actions).includes('bind'), !was && is)
  })
})

test('only a master announces or sends adverts of its own priority, one per event', () => {
  always(({ event, after, actions }) => {
    const adverts = actions.flatMap((action) => (action.kind === 'send-advert' ? [action.priority] : []))
    assert.ok(adverts.length <= 1)
    // The last word of a master that gives way to an advert is of its own priority too.
    const speaksAsMaster = after.phase.kind === 'master' || event.kind === 'advert'
    if (speaksAsMaster) assert.ok(adverts.every((sent) => sent === after.priority))
    else assert.ok(adverts.every((sent) => sent === 0))
    if (after.phase.kind === 'master') return
    assert.ok(!kinds(actions).includes('announce'))
  })
})

test('the effective priority is 1..254, or 255 of one that started as owner', () => {
  always(({ before, event, after }) => {
    assert.ok(after.priority >= 1 && after.priority <= 255)
    if (after.priority === 255 && before.priority !== 255) assert.ok(event.kind === 'startup')
  })
})

test('an event of the same instant repeated right away acts no second time, unless it is a packet', () => {
  always(({ event, after, actions }, config) => {
    if (event.kind === 'advert' || config.announceAt.length > 1) return
    if (actions.length > 0) assert.deepEqual(transition(config, after, event).actions, [])
  })
})

test('the histories lead everywhere', () => {
  const moves = new Map<string, number>()
  always(({ before, after }) => {
    const move = `${before.phase.kind} ${after.phase.kind}`
    moves.set(move, (moves.get(move) ?? 0) + 1)
  })
  for (const from of ['initialize', 'backup', 'master']) {
    for (const to of ['initialize', 'backup', 'master'])
      assert.ok((moves.get(`${from} ${to}`) ?? 0) > 20, `${from} ${to}`)
  }
})
