import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeService, initialService, serviceDeadline, serviceTransition } from '../../src/probes/policy.ts'
import type { ServiceAction, ServiceConfig, ServiceEvent, ServiceState } from '../../src/probes/types.ts'
import { type Micros, micros, ZERO } from '../../src/shared/units.ts'
import { ms, passed, refused, service } from './support/service.ts'

const configs: fc.Arbitrary<ServiceConfig> = fc
  .record({
    interval: fc.integer({ min: 50, max: 3_000 }).map(ms),
    timeout: fc.integer({ min: 50, max: 3_000 }).map(ms),
    settle: fc.integer({ min: 0, max: 6_000 }).map(ms),
    rise: fc.integer({ min: 1, max: 4 }),
    fall: fc.integer({ min: 1, max: 4 }),
    configTest: fc.constantFrom(undefined, ['nginx', '-t']),
    restart: fc.constantFrom({ kind: 'none' } as const, { kind: 'unit', unit: 'nginx.service' } as const),
    budget: fc.record({
      restarts: fc.integer({ min: 0, max: 3 }),
      within: fc.integer({ min: 1, max: 20_000 }).map(ms),
    }),
  })
  .map(service)

/** A step of time, and what happens then: also what nobody has asked for. `deadline` is the timer the engine would set. */
const happenings = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 4_000_000 }).map(micros),
    what: fc.constantFrom(
      'deadline',
      'deadline',
      'timer',
      'start',
      'probed',
      'probed',
      'config-tested',
      'restarted',
      'died',
      'main',
    ),
    ok: fc.boolean(),
  }),
  { maxLength: 200, size: 'max' },
)

type Seen = { readonly at: Micros; readonly event: ServiceEvent; readonly actions: readonly ServiceAction[] }
type Run = { state: ServiceState; now: Micros; readonly seen: Seen[] }

function play(config: ServiceConfig, steps: readonly { after: Micros; what: string; ok: boolean }[]): Run {
  const run: Run = { state: initialService(config, ZERO), now: ZERO, seen: [] }
  for (const { after, what, ok } of steps) {
    const deadline = serviceDeadline(run.state)
    const later = micros(run.now + after)
    run.now = what === 'deadline' && deadline !== undefined ? micros(Math.max(run.now, deadline)) : later
    send(config, run, toEvent(what, run.now, ok))
  }
  return run
}

function toEvent(what: string, now: Micros, ok: boolean): ServiceEvent {
  const outcome = { ok, line: 'a line', took: ZERO }
  if (what === 'probed') return { kind: 'probed', now, results: ok ? passed : refused }
  if (what === 'config-tested') return { kind: 'config-tested', now, outcome }
  if (what === 'restarted') return { kind: 'restarted', now, outcome }
  if (what === 'died') return { kind: 'main-process', now, main: { kind: 'died', pid: 7, how: 'a reason' } }
  if (what === 'main') return { kind: 'main-process', now, main: ok ? WATCHED : { kind: 'polled', reason: 'a reason' } }
  return { kind: what === 'start' ? 'start' : 'timer', now }
}

const WATCHED = { kind: 'watched', pid: 8 } as const

function send(config: ServiceConfig, run: Run, event: ServiceEvent): readonly ServiceAction[] {
  const { state, actions } = serviceTransition(config, run.state, event)
  run.state = state
  run.seen.push({ at: run.now, event, actions })
  assert.notEqual(describeService(config, state, run.now).reason, '')
  return actions
}

const property = (check: (config: ServiceConfig, run: Run) => void): void =>
  fc.assert(
    fc.property(configs, happenings, (config, steps) => check(config, play(config, steps))),
    { numRuns: 200 },
  )

test('a death is answered at once: a test, a restart, or the address is yielded', () => {
  property((_config, { seen }) => {
    let verdict: ServiceState['verdict'] = 'unknown'
    let step: 'test-config' | 'restart' | undefined
    for (const { event, actions } of seen) {
      const kinds = actions.map(({ kind }) => kind)
      const died = event.kind === 'main-process' && event.main.kind === 'died'
      if (died && verdict !== 'failed' && step === undefined) {
        assert.ok(
          kinds.some((kind) => ['test-config', 'restart', 'yield'].includes(kind)),
          kinds.join(' '),
        )
        assert.ok(!kinds.includes('probe'))
      }
      if (event.kind === 'config-tested' && step === 'test-config') step = undefined
      if (event.kind === 'restarted' && step === 'restart') step = undefined
      for (const kind of kinds) {
        if (kind === 'yield') verdict = 'failed'
        if (kind === 'resume') verdict = 'good'
        if (kind === 'test-config' || kind === 'restart') step = kind
      }
    }
  })
})

test('never more restarts within the window than the budget allows', () => {
  property((config, { seen }) => {
    const at = seen.flatMap((step) => step.actions.filter((action) => action.kind === 'restart').map(() => step.at))
    for (const [index, time] of at.entries()) {
      const first = at[index - config.budget.restarts]
      assert.ok(config.budget.restarts > 0, 'a budget of 0 restarts nothing')
      assert.ok(first === undefined || time - first >= config.budget.within, `${at.join(' ')}`)
    }
  })
})

test('yield and resume alternate, and the verdict is what was told last', () => {
  property((_config, { seen, state }) => {
    let verdict: ServiceState['verdict'] = 'unknown'
    for (const { kind } of seen.flatMap((step) => step.actions)) {
      if (kind !== 'yield' && kind !== 'resume') continue
      const next: ServiceState['verdict'] = kind === 'yield' ? 'failed' : 'good'
      assert.notEqual(next, verdict)
      verdict = next
    }
    assert.equal(state.verdict, verdict)
    assert.equal(state.phase.kind === 'failed', verdict === 'failed')
  })
})

test('one round of probes at a time, one step at a time, and no round during a step', () => {
  property((_config, { seen }) => {
    let probing = false
    let step: string | undefined
    for (const { event, actions } of seen) {
      if (event.kind === 'probed') probing = false
      if (event.kind === 'config-tested' && step === 'test-config') step = undefined
      if (event.kind === 'restarted' && step === 'restart') step = undefined
      for (const { kind } of actions) {
        if (kind === 'probe') assert.ok(!probing && step === undefined, `probe during ${step ?? 'a round'}`)
        if (kind === 'test-config' || kind === 'restart') {
          assert.equal(step, undefined)
          step = kind
        }
        probing ||= kind === 'probe'
      }
    }
  })
})

test('it never stalls: a step is awaited, or there is a deadline', () => {
  property((_config, { state }) => {
    const { phase } = state
    const attempt = phase.kind === 'failed' ? phase.attempt : 'none'
    const awaited = phase.kind === 'testing-config' || phase.kind === 'restarting' || attempt !== 'none'
    // What is awaited may take too long, where another node could serve.
    assert.ok(awaited || serviceDeadline(state) !== undefined)
  })
})

test('after a yield, `rise` good rounds always resume, once there is a main process', () => {
  property((config, run) => {
    if (run.state.verdict !== 'failed') return
    if (run.state.main.kind === 'died') send(config, run, toEvent('main', run.now, true))
    finishStep(config, run)
    for (let round = 0; round < config.rise; round += 1) passRound(config, run)
    assert.equal(run.state.verdict, 'good')
  })
})

/** Whatever is under way ends well. */
function finishStep(config: ServiceConfig, run: Run): void {
  send(config, run, toEvent('config-tested', run.now, true))
  send(config, run, toEvent('restarted', run.now, true))
  if (run.state.round?.stale === true) send(config, run, toEvent('probed', run.now, false))
}

function passRound(config: ServiceConfig, run: Run): void {
  run.now = micros(Math.max(run.now, serviceDeadline(run.state) ?? run.now))
  if (run.state.round === undefined) send(config, run, toEvent('timer', run.now, true))
  assert.equal(run.state.round?.stale, false, 'a round is under way')
  send(config, run, toEvent('probed', run.now, true))
}
