import type { InstanceState } from '../../control/messages.ts'
import { describeFailure } from '../../probes/policy.ts'
import type { ServiceAction } from '../../probes/types.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { LogRecord } from '../../shared/log.ts'
import type { Micros } from '../../shared/units.ts'
import { describeCause, describeNotice } from '../vrrp/describe.ts'
import type { Notice, RouterAction, StateName } from '../vrrp/types.ts'
import { LAST_RESORT } from '../vrrp/types.ts'
import { commandOf, reasonOf } from './hold.ts'
import { blockedReason } from './lan-text.ts'
import { type Participation, participation } from './participation.ts'
import { deferringReason } from './peer-text.ts'
import { andMore, forget, say } from './said.ts'
import { sayState } from './state-lines.ts'
import type { Display, EngineAction, EngineState, Hold, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'

/**
 * The state as people know it. FAULT is wider than "out of the election": a box whose service failed stays in it with
 * priority 1 and still is in FAULT, unless it had to claim as the last one.
 */
export function display(plan: InstancePlan, runtime: InstanceRuntime, engine: EngineState, now: Micros): Display {
  const part = participation(plan, runtime, engine.services)
  const state = shownState(runtime, part, engine.stopping)
  const before = runtime.display
  const reason = shownReason(runtime, part, state)
  return { state, since: state === before.state ? before.since : now, reason }
}

function shownState(runtime: InstanceRuntime, part: Participation, stopping: boolean): InstanceState {
  const { kind } = runtime.router.phase
  if (kind === 'master') return 'MASTER'
  if (stopping) return 'INIT'
  const outByFault = part.faults.length > 0 && (kind === 'initialize' || part.priority === LAST_RESORT)
  if (outByFault) return 'FAULT'
  return kind === 'backup' ? 'BACKUP' : 'INIT'
}

function shownReason(runtime: InstanceRuntime, part: Participation, state: InstanceState): string {
  const faults = part.faults.join('; ')
  switch (state) {
    case 'FAULT':
      return faults
    case 'INIT':
      if (runtime.hold?.strict === true) return describeHold(runtime.hold)
      return part.waiting.length > 0
        ? `waiting for the ${part.waiting.join(' and the ')}`
        : 'the engine starts or stops'
    case 'MASTER':
      if (faults !== '' && runtime.router.priority === LAST_RESORT)
        return `nobody else claims the address, though ${faults}`
      return runtime.cause
    case 'BACKUP':
      return runtime.hold === undefined ? backupReason(runtime) : describeHold(runtime.hold)
  }
}

function backupReason({ router: { master, priority }, lan, cause, peer }: InstanceRuntime): string {
  if (peer.checks.saidWaiting !== undefined) return `not claimed: ${peer.checks.saidWaiting}`
  if (peer.deferringTo !== undefined) return deferringReason(peer.deferringTo)
  if (lan.doubt?.node !== undefined) return blockedReason(lan.doubt.node)
  if (master === undefined) {
    const holder = lan.holder === undefined ? '' : `, ${lan.holder} announces the address`
    return `listening, no master heard yet${holder} (${cause})`
  }
  const relation = master.priority > priority ? 'higher' : master.priority === priority ? 'equal' : 'lower'
  return `${master.address} is master with the ${relation} priority ${master.priority} (ours ${priority})`
}

const SHOWN: Readonly<Record<StateName, string>> = { initialize: 'INIT', backup: 'BACKUP', master: 'MASTER' }

type Said = { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] }

/**
 * The line for what a router did, and what has been said with it: a peer that differs does so with every advert. The
 * periodic work of a healthy pair has none.
 */
export function sayRouterAction(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  action: RouterAction,
  now: Micros,
): Said {
  switch (action.kind) {
    case 'state-change':
      return sayChange(plan, instance, runtime, action, now)
    case 'notice':
      return sayNotice(plan, instance, runtime, action.notice, now)
    case 'send-advert':
    case 'bind':
    case 'unbind':
    case 'announce':
      return { runtime, actions: [] }
  }
}

type StateChange = Extract<RouterAction, { kind: 'state-change' }>

function sayChange(
  plan: NodePlan,
  { name }: InstancePlan,
  runtime: InstanceRuntime,
  { from, to, cause }: StateChange,
  now: Micros,
): Said {
  const saying = sayState(runtime, cause.kind, now)
  if (saying.text === undefined) return { runtime: saying.runtime, actions: [] }
  const message = `${SHOWN[from]} -> ${SHOWN[to]}: ${named(plan, describeCause(cause))}${saying.text}`
  const fields = { from: SHOWN[from], to: SHOWN[to], cause: cause.kind }
  return {
    runtime: saying.runtime,
    actions: [log({ level: 'info', subject: name, code: 'vrrp.state', message, fields })],
  }
}

function sayNotice(
  plan: NodePlan,
  { name }: InstancePlan,
  runtime: InstanceRuntime,
  notice: Notice,
  now: Micros,
): Said {
  const { kind } = notice
  const { said, line } = say(runtime.said.get(kind), describeNotice(notice), now)
  const next = { ...runtime, said: new Map(runtime.said).set(kind, said) }
  if (line === undefined) return { runtime: next, actions: [] }
  const message = `${named(plan, describeNotice(notice))}${andMore(line.more)}`
  return { runtime: next, actions: [log({ level: 'warn', subject: name, code: `vrrp.${kind}`, message })] }
}

/** After a change of state what was said may be said again. */
export const forgetSaid = (runtime: InstanceRuntime): InstanceRuntime => ({
  ...runtime,
  said: new Map([...runtime.said].map(([kind, said]) => [kind, forget(said)])),
})

/** Log lines for what a service's policy decided. */
export function logServiceAction(service: string, action: ServiceAction): EngineAction[] {
  const record = (level: LogRecord['level'], code: string, message: string) =>
    log({ level, subject: service, code: `service.${code}`, message })
  switch (action.kind) {
    case 'yield':
      return [
        record(
          'error',
          `failed.${action.reason.kind}`,
          `failed, gives the address to another node if one is ready: ${describeFailure(action.reason)}`,
        ),
      ]
    case 'resume':
      return [record('info', 'healthy', 'healthy')]
    case 'notice':
      return [record(action.calm === true ? 'info' : 'warn', 'notice', action.text)]
    case 'restart':
      return [record('warn', 'restart', action.text)]
    case 'test-config':
    case 'probe':
      return []
  }
}

const log = (record: LogRecord): EngineAction => ({ kind: 'log', record })

/** Puts node names beside the addresses in a sentence: `192.0.2.12 (web2)`. */
const named = (plan: NodePlan, text: string): string =>
  text.replace(/\d{1,3}(?:\.\d{1,3}){3}/g, (address) => {
    const name = plan.nodeNames.get(address as Ipv4)
    return name === undefined ? address : `${name} (${address})`
  })

const describeHold = (hold: Hold): string => `${reasonOf(hold)} (${commandOf(hold)})`
