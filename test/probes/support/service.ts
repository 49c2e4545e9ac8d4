import { initialService, pauseRemedies, serviceTransition } from '../../../src/probes/policy.ts'
import type {
  MainProcess,
  Others,
  ProbeResult,
  ServiceAction,
  ServiceConfig,
  ServiceState,
} from '../../../src/probes/types.ts'
import { fromMillis, fromSeconds, type Micros, ZERO } from '../../../src/shared/units.ts'

export const ms = fromMillis
export const seconds = fromSeconds

/** A service with a config test and restarts; what a test is about it says itself. */
export const service = (changes: Partial<ServiceConfig> = {}): ServiceConfig => ({
  name: 'nginx',
  probes: [{ kind: 'tcp', host: '127.0.0.1', port: 80 }],
  interval: seconds(1),
  timeout: seconds(1),
  rise: 2,
  fall: 3,
  configTest: ['nginx', '-t'],
  restart: { kind: 'unit', unit: 'nginx.service' },
  budget: { restarts: 2, within: seconds(600) },
  settle: seconds(5),
  hungAfter: seconds(1),
  patience: ms(500),
  ...changes,
})

export const passed: readonly ProbeResult[] = [
  { probe: 'tcp 127.0.0.1:80', ok: true, detail: 'connected in 1ms', took: ms(1) },
]
export const refused: readonly ProbeResult[] = [
  { probe: 'tcp 127.0.0.1:80', ok: false, detail: 'connection refused', took: ms(1) },
]
/** The server runs, and what it answers is wrong. */
export const wrong = (status: number): readonly ProbeResult[] => [
  { probe: 'http 127.0.0.1/', ok: false, detail: `${status}, expected 200-399`, took: ms(1), answered: true },
]

/** One action as a word; notices are looked at apart. */
const word = (action: ServiceAction): string => (action.kind === 'yield' ? `yield ${action.reason.kind}` : action.kind)

/** Plays events to the policy and keeps its state; every verb returns what was asked for, without notices. */
export function play(config: ServiceConfig) {
  let state: ServiceState = initialService(config, ZERO)
  const notices: string[] = []
  let others: Others = { ready: false, sound: false, wrong: [] }
  const send = (event: Parameters<typeof serviceTransition>[2]): readonly string[] => {
    const step = serviceTransition(config, state, event, () => others)
    state = step.state
    for (const action of step.actions) {
      if (action.kind === 'notice' || action.kind === 'restart') notices.push(action.text)
    }
    return step.actions.filter((action) => action.kind !== 'notice').map(word)
  }
  const outcome = (ok: boolean, line = '') => ({ ok, line, took: ms(5) })
  return {
    state: () => state,
    notices,
    pause: (paused: boolean) => {
      state = pauseRemedies(state, paused)
    },
    /** What is known of the other nodes from now on. */
    beside: (next: Partial<Others>) => {
      others = { ...others, ...next }
    },
    look: (now: Micros) => send({ kind: 'look', now }),
    start: (now: Micros = ZERO) => send({ kind: 'start', now }),
    timer: (now: Micros) => send({ kind: 'timer', now }),
    answer: (now: Micros, results: readonly ProbeResult[]) => send({ kind: 'probed', now, results }),
    pass: (now: Micros) => send({ kind: 'probed', now, results: passed }),
    refuse: (now: Micros) => send({ kind: 'probed', now, results: refused }),
    tested: (now: Micros, ok: boolean, line = '') => send({ kind: 'config-tested', now, outcome: outcome(ok, line) }),
    main: (now: Micros, main: MainProcess) => send({ kind: 'main-process', now, main }),
    restarted: (now: Micros, ok: boolean, line = '') => send({ kind: 'restarted', now, outcome: outcome(ok, line) }),
  }
}

export type Play = ReturnType<typeof play>

/** Rounds of one result, one second apart, the first one beginning at `from`; the last one's actions. */
export function rounds(game: Play, answer: 'pass' | 'refuse', from: number, count: number): readonly string[] {
  let last: readonly string[] = []
  for (let second = from; second < from + count; second += 1) {
    game.timer(seconds(second))
    last = game[answer](seconds(second))
  }
  return last
}
