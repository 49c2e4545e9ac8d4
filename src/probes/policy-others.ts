import { earliest, fromMillis, type Micros, plus } from '../shared/units.ts'
import { telling } from './describe.ts'
import type { Others, ServiceConfig, ServicePhase, ServiceState, ServiceStep } from './types.ts'

/**
 * What the other nodes mean for a remedy; pure, part of `policy.ts`. A repair has time for as long as nobody else could
 * serve, and `patience` where another node could. A wrong answer that the servers of all nodes give is not theirs: neither a
 * restart nor a move can help.
 */

export const NOBODY: Others = { ready: false, sound: false, wrong: [] }

/** How often a repair that nobody could relieve is looked at again. */
const LOOK_AGAIN = fromMillis(100)

const isRepairing = ({ kind }: ServicePhase): boolean =>
  kind === 'testing-config' || kind === 'restarting' || kind === 'verifying'

/** When a repair under way has to be looked at; it has been given up where the address is yielded already. */
export const hurryAt = ({ phase, verdict, yieldAt }: ServiceState): Micros | undefined =>
  isRepairing(phase) && verdict !== 'failed' ? yieldAt : undefined

/** Yields the address before the repair is done: another node is ready, and this one has had its time. */
export function hurry(config: ServiceConfig, step: ServiceStep, now: Micros, others: () => Others): ServiceStep {
  const { state, actions } = step
  const at = hurryAt(state)
  if (at === undefined || now < at) return step
  const again = earliest(config.patience, LOOK_AGAIN) ?? LOOK_AGAIN
  if (!others().ready) return { state: { ...state, yieldAt: plus(now, again) }, actions }
  const reason = { kind: 'repair', detail: telling(state) } as const
  return {
    state: { ...state, verdict: 'failed', yieldAt: undefined },
    actions: [...actions, { kind: 'yield', reason }],
  }
}

/** The node whose server gives the same wrong answer, where none gives a right one. */
export function alike(state: ServiceState, others: Others): string | undefined {
  const bad = state.lastResults.find(({ ok }) => !ok)
  if (bad?.answered !== true || others.sound) return undefined
  return others.wrong.find(({ detail }) => detail === telling(state))?.node
}

/**
 * It answers some of its http probes well and the others wrongly: a server that serves other sites is not killed for one, and
 * a restart would cut them off.
 */
export const servesOthers = ({ probes }: Pick<ServiceConfig, 'probes'>, { lastResults }: ServiceState): boolean =>
  lastResults.every(({ ok, answered }) => ok || answered === true) &&
  probes.some(({ kind }, at) => kind === 'http' && lastResults[at]?.ok === true)
