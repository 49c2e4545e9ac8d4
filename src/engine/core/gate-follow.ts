import { type GateInput, type GateOrder, type GateRules, gateStep } from './gate-policy.ts'
import { holdLimit } from './hold-limit.ts'
import type { EngineAction, EngineEvent, EngineState, InstancePlan, InstanceRuntime, NodePlan } from './types.ts'
import { rememberAdvert } from './votes.ts'

/** What an event, and what was decided by it (`decided`), mean for the gate of one instance. */
export function followGate(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  state: EngineState,
  event: EngineEvent,
  decided: readonly EngineAction[],
): { readonly runtime: InstanceRuntime; readonly actions: readonly EngineAction[] } {
  const noted = noteAdvert(instance, runtime, event)
  const inputs = inputsOf(instance, noted, event, decided)
  if (inputs.length === 0) return { runtime: noted, actions: [] }
  const rules = rulesOf(plan, instance, noted, state, event)
  const actions: EngineAction[] = []
  let { gate } = noted
  for (const input of inputs) {
    const step = gateStep(rules, gate, input)
    gate = step.gate
    actions.push(...step.orders.map((order) => carryOut(instance.name, order)))
  }
  return { runtime: gate === noted.gate ? noted : { ...noted, gate }, actions }
}

function rulesOf(
  plan: NodePlan,
  instance: InstancePlan,
  runtime: InstanceRuntime,
  { peers, leases, fenced, ...rest }: EngineState,
  { now }: EngineEvent,
): GateRules {
  const { gate, name, router } = instance
  const lease = fenced && gate.kind === 'on' ? gate.lease : undefined
  const state = { ...rest, peers, leases, fenced, instances: new Map([[name, runtime]]) }
  return { lease, interval: router.advertInterval, limit: lease && holdLimit(plan, instance, state, now) }
}

const noteAdvert = (instance: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): InstanceRuntime =>
  event.kind === 'advert-sent' && event.instance === instance.name
    ? { ...runtime, peer: rememberAdvert(runtime.peer, event.id, event.at) }
    : runtime

function inputsOf(
  instance: InstancePlan,
  runtime: InstanceRuntime,
  event: EngineEvent,
  decided: readonly EngineAction[],
): readonly GateInput[] {
  const { now } = event
  const inputs: GateInput[] = []
  if (decided.some((action) => isRelease(instance, action))) inputs.push({ kind: 'released', now })
  const isMaster = runtime.router.phase.kind === 'master'
  switch (event.kind) {
    case 'advert-sent':
      if (event.instance === instance.name && isMaster) inputs.push({ kind: 'sent', at: event.at, now })
      break
    case 'bound':
      if (event.instance === instance.name && isMaster) inputs.push({ kind: 'bound', now })
      break
    case 'gate-opened':
      if (event.instance === instance.name) inputs.push({ kind: 'opened', until: event.until, now })
      break
    case 'gate-failed':
      if (event.instance === instance.name) inputs.push({ kind: 'failed', message: event.message, now })
      break
    case 'fence':
      if (event.ready && runtime.gate.wanted) inputs.push({ kind: 'bound', now })
      break
    case 'timer':
    case 'lease':
    case 'peer-heard':
    case 'advert':
    case 'foreign-claim':
      if (isMaster) inputs.push({ kind: 'limits', now })
      break
    default:
      break
  }
  return inputs
}

/** Going down begins with closing, and so does handing over; a new mastership begins behind a closed gate. */
function isRelease({ name }: InstancePlan, action: EngineAction): boolean {
  if (!('instance' in action) || action.instance !== name) return false
  if (action.kind === 'hand-on') return true
  return action.kind === 'router' && (action.action.kind === 'unbind' || action.action.kind === 'state-change')
}

function carryOut(instance: string, order: GateOrder): EngineAction {
  switch (order.kind) {
    case 'open':
      return { kind: 'gate', instance, until: order.until, why: order.why }
    case 'close':
      return { kind: 'gate', instance, until: undefined, why: order.why }
    case 'announce':
      return { kind: 'router', instance, action: { kind: 'announce' } }
    case 'say': {
      const { level, code, message } = order
      return { kind: 'log', record: { level, subject: instance, code, message } }
    }
  }
}
