import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLateness } from '../../src/engine/lateness.ts'
import { createLoop } from '../../src/engine/loop.ts'
import type { Heartbeat } from '../../src/engine/ports.ts'
import { fromSeconds, type Micros, toSeconds, ZERO } from '../../src/shared/units.ts'
import { planFor } from './core/support.ts'

/** A loop on a clock that stands still until `runTo`, which fires the one timer whenever it is due. */
function loopWith(heartbeat: Heartbeat | undefined, drained = () => Promise.resolve()) {
  let now: Micros = ZERO
  let timer: { readonly at: Micros; readonly wake: () => void } | undefined
  const bugs: unknown[] = []
  const loop = createLoop({
    plan: planFor('web1'),
    clock: {
      now: () => now,
      wakeAt: (at, wake) => {
        timer = at === undefined ? undefined : { at, wake }
      },
      after: () => () => undefined,
    },
    drained,
    perform: () => undefined,
    onPlan: () => undefined,
    lateness: createLateness(),
    onBug: (thrown) => bugs.push(thrown),
    heartbeat,
  })
  const runTo = (seconds: number): void => {
    for (let due = timer; due !== undefined && due.at <= fromSeconds(seconds); due = timer) {
      now = due.at > now ? due.at : now
      timer = undefined
      due.wake()
    }
    now = fromSeconds(seconds)
  }
  const sleepTo = (seconds: number): void => {
    now = fromSeconds(seconds)
  }
  return { loop, runTo, sleepTo, bugs, now: () => now, armed: () => timer !== undefined }
}

/** Notes when it beats. */
function heart(interval: number, now: () => Micros) {
  const beats: number[] = []
  return { beats, heartbeat: { interval: fromSeconds(interval), beat: () => void beats.push(toSeconds(now())) } }
}

test('the loop beats in the interval, also when nothing else is due', () => {
  let clock = (): Micros => ZERO
  const { beats, heartbeat } = heart(5, () => clock())
  const { loop, runTo, now } = loopWith(heartbeat)
  clock = now
  loop.dispatch({ kind: 'start', now: ZERO })
  runTo(21)
  assert.deepEqual(beats, [5, 10, 15, 20])
})

test('events alone are no sign of life: only the timer beats', () => {
  let clock = (): Micros => ZERO
  const { beats, heartbeat } = heart(5, () => clock())
  const { loop, sleepTo, now } = loopWith(heartbeat)
  clock = now
  for (const second of [1, 6, 12]) {
    sleepTo(second)
    loop.dispatch({ kind: 'back', now: now(), instances: [] })
  }
  assert.deepEqual(beats, [])
})

test('a loop that throws, or waits forever for its sockets, does not beat', () => {
  for (const how of ['throws', 'waits'] as const) {
    let clock = (): Micros => ZERO
    const { beats, heartbeat } = heart(5, () => clock())
    const { loop, runTo, sleepTo, now } = loopWith(heartbeat, () => new Promise(() => undefined))
    clock = now
    loop.dispatch({ kind: 'start', now: ZERO })
    if (how === 'waits') {
      sleepTo(60)
      runTo(61)
    } else {
      loop.watch(() => {
        throw new Error('a listener fails')
      })
      assert.throws(() => runTo(6), /a listener fails/)
    }
    assert.deepEqual(beats, [], how)
  }
})

test('after a long sleep it beats once, not once for each interval', async () => {
  let clock = (): Micros => ZERO
  const { beats, heartbeat } = heart(5, () => clock())
  const { loop, runTo, sleepTo, now, bugs } = loopWith(heartbeat)
  clock = now
  loop.dispatch({ kind: 'start', now: ZERO })
  sleepTo(60)
  runTo(60)
  await Promise.resolve()
  await Promise.resolve()
  assert.deepEqual([beats, bugs], [[60], []])
})

test('without a heartbeat an engine that has stopped waits for nothing', () => {
  const { loop, armed } = loopWith(undefined)
  loop.dispatch({ kind: 'start', now: ZERO })
  loop.dispatch({ kind: 'stop', now: ZERO, reason: 'the engine stops' })
  assert.equal(armed(), false)
})

test('a closed loop takes no late answer and arms no timer', () => {
  const { heartbeat } = heart(5, () => ZERO)
  const { loop, armed } = loopWith(heartbeat)
  loop.dispatch({ kind: 'start', now: ZERO })
  loop.dispatch({ kind: 'stop', now: ZERO, reason: 'test' })
  loop.close()
  const before = loop.state()
  loop.dispatch({ kind: 'probed', now: ZERO, service: 'web', results: [] })
  assert.deepEqual([loop.state() === before, armed()], [true, false])
  assert.deepEqual(loop.reload(planFor('web1')), [])
})

test('before a claim that waits for answers of the LAN the sockets are read: an answer in them counts', async () => {
  const read = Promise.withResolvers<void>()
  const { loop, runTo } = loopWith(undefined, () => read.promise)
  const phase = () => loop.state().instances.get('www')?.router.phase.kind
  loop.dispatch({ kind: 'start', now: ZERO })
  loop.dispatch({ kind: 'arp-ready', now: ZERO, ready: true })
  loop.dispatch({ kind: 'socket', now: ZERO, interface: 'eth0', error: undefined })
  loop.dispatch({ kind: 'link', now: ZERO, link: { interface: 'eth0', up: true, detail: 'up' } })
  const results = [{ probe: 'tcp', ok: true, detail: 'open', took: ZERO }]
  loop.dispatch({ kind: 'probed', now: ZERO, service: 'web', results })
  runTo(3.6)
  assert.equal(phase(), 'backup', 'the probe is over, but its answers may wait in the socket')
  read.resolve()
  await read.promise
  await Promise.resolve()
  assert.equal(phase(), 'master')
})
