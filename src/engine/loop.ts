import { earliest, type Micros, micros, minus, plus, ZERO } from '../shared/units.ts'
import { awaitsAnswers, engineDeadline, engineTransition, initialEngine } from './core/core.ts'
import { indexOf } from './core/plan-index.ts'
import { planReload } from './core/reload.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, NodePlan } from './core/types.ts'
import type { Lateness } from './lateness.ts'
import type { Clock, Heartbeat } from './ports.ts'

export type Loop = {
  readonly dispatch: (event: EngineEvent) => void
  readonly state: () => EngineState
  /** Calls the listener after each event. Returns how to stop listening. */
  readonly watch: (listener: Listener) => () => void
  readonly plan: () => NodePlan
  /** Goes on by another plan; returns what changed, in words. Not to be called from a listener. */
  readonly reload: (next: NodePlan) => readonly string[]
  /** Late answers change nothing any more, and no timer is armed. */
  readonly close: () => void
}

/** Is told the state that followed an event, and the instances that the event touched: no others have changed. */
export type Listener = (state: EngineState, touched: readonly InstancePlan[]) => void

export type LoopOptions = {
  readonly plan: NodePlan
  readonly clock: Clock
  /** Resolves when what had arrived on the sockets by now has been dispatched. */
  readonly drained: () => Promise<void>
  readonly perform: (action: EngineAction) => void
  /** The plan changes now; instances in `gone` have been told to leave and are not the ones of that name in `next`. */
  readonly onPlan: (next: NodePlan, gone: readonly string[]) => void
  readonly lateness: Lateness
  readonly onBug: (thrown: unknown) => void
  readonly heartbeat?: Heartbeat | undefined
}

/**
 * THE loop: an event, the pure transition, all its actions in order, then the next event; and one timer for the nearest
 * deadline. Nothing outside may change the state. The heartbeat is one of its deadlines: a loop that hangs, or whose timer
 * does not fire, does not beat.
 */
export function createLoop(options: LoopOptions): Loop {
  const { clock, drained, perform, lateness, onBug, heartbeat } = options
  let { plan } = options
  const listeners = new Set<Listener>()
  const queue: EngineEvent[] = []
  let state = initialEngine(plan, clock.now())
  let beatAt = heartbeat === undefined ? undefined : plus(clock.now(), heartbeat.interval)
  let running = false
  let closed = false

  const dispatch = (event: EngineEvent): void => {
    if (closed) return
    queue.push(event)
    if (running) return
    running = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const step = engineTransition(plan, state, next)
        state = step.state
        for (const action of step.actions) perform(action)
        for (const listener of listeners) listener(state, step.touched)
      }
    } finally {
      running = false
      arm()
    }
  }

  const arm = (): void => {
    const deadline = earliest(engineDeadline(state), beatAt)
    // One that has passed already is due from now on: the loop is not late for it.
    const dueAt = micros(Math.max(deadline ?? ZERO, clock.now()))
    clock.wakeAt(deadline, () => wake(dueAt))
  }

  /**
   * A loop that slept through an interval reads what arrived meanwhile before it speaks as master; one that waits for
   * answers from the LAN reads them before it decides, since the timer may come before sockets.
   */
  const wake = (deadline: Micros): void => {
    const late = minus(clock.now(), deadline)
    if (late > 0) lateness.record(late)
    if (late < indexOf(plan).shortestInterval && !awaitsAnswers(state)) tick(late)
    else
      drained()
        .then(() => tick(late))
        .catch(onBug)
  }

  const tick = (late: Micros): void => {
    const now = clock.now()
    const isDue = heartbeat !== undefined && beatAt !== undefined && beatAt <= now
    if (isDue) beatAt = plus(now, heartbeat.interval)
    dispatch({ kind: 'timer', now, late })
    if (isDue) heartbeat.beat()
  }

  const reload = (next: NodePlan): readonly string[] => {
    if (closed || state.stopping) return []
    const step = planReload(plan, next, state, clock.now())
    for (const action of step.farewell) perform(action)
    options.onPlan(next, step.gone)
    plan = next
    state = step.state
    for (const action of step.actions) perform(action)
    dispatch({ kind: 'timer', now: clock.now() })
    return step.changes
  }

  return {
    dispatch,
    close: () => {
      closed = true
      clock.wakeAt(undefined, () => {})
    },
    reload,
    plan: () => plan,
    state: () => state,
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
