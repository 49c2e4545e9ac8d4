import { assertNever } from '../shared/errors.ts'
import { type Micros, ZERO } from '../shared/units.ts'
import { tryRemedy } from './policy-remedy.ts'
import { abandonRound } from './policy-rounds.ts'
import type { MainProcess, ProbeResult, ServiceConfig, ServiceState, ServiceStep } from './types.ts'

/** What follows from what the watch of the main process tells; pure, part of `policy.ts`. */

export function onMainProcess(
  config: ServiceConfig,
  before: ServiceState,
  main: MainProcess,
  now: Micros,
): ServiceStep {
  const state: ServiceState = { ...before, main, mainSince: now }
  switch (main.kind) {
    case 'watched':
    case 'polled':
      return say(state, before.main, main)
    case 'died':
      return onDeath(config, state, main, now)
    default:
      return assertNever(main)
  }
}

type Died = MainProcess & { readonly kind: 'died' }

/** No further round is waited for. During a test or a restart, and once given up, it is no news. */
function onDeath(config: ServiceConfig, state: ServiceState, main: Died, now: Micros): ServiceStep {
  const { phase } = state
  const ended = endOf(main)
  const told: ServiceState = { ...state, lastResults: [ended], downSince: state.downSince ?? now }
  switch (phase.kind) {
    case 'unknown':
    case 'healthy':
    case 'verifying': {
      const step = tryRemedy(config, abandonRound(told), now)
      return { state: step.state, actions: [notice(`${ended.probe}: ${ended.detail}`), ...step.actions] }
    }
    case 'failed':
      return { state: { ...state, phase: { ...phase, successes: 0 } }, actions: [] }
    case 'testing-config':
    case 'restarting':
      return { state, actions: [] }
    default:
      return assertNever(phase)
  }
}

/** Stands where the results of probes stand: it is the reason for what follows. */
const endOf = ({ pid, how }: Died): ProbeResult => ({
  probe: 'main process',
  ok: false,
  detail: `process ${pid} ended: ${how}`,
  took: ZERO,
})

/** Another process, or none that could be watched where there was one. */
function say(state: ServiceState, before: MainProcess, main: Exclude<MainProcess, Died>): ServiceStep {
  const text = describeChange(before, main)
  return { state, actions: text === undefined ? [] : [{ ...notice(text), calm: main.kind === 'watched' }] }
}

function describeChange(before: MainProcess, main: Exclude<MainProcess, Died>): string | undefined {
  if (main.kind === 'polled') return `its main process is not watched, only probed: ${main.reason}`
  if (before.kind === 'polled') return `its main process is watched: ${main.pid}`
  return before.pid === main.pid ? undefined : `its main process is ${main.pid} now, in place of ${before.pid}`
}

const notice = (text: string) => ({ kind: 'notice', text }) as const
