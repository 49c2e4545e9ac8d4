import type { ControlRequest, ControlResponse, FailoverOutcome } from '../control/messages.ts'
import type { ControlFailure } from '../control/parse.ts'
import { assertNever } from '../shared/errors.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { formatDuration, fromMillis, fromSeconds, type Micros, minus, plus, toMillis } from '../shared/units.ts'
import type { EngineState, InstancePlan, InstanceRuntime, NodePlan } from './core/types.ts'
import { refuseHeir } from './heir.ts'
import type { Loop } from './loop.ts'
import type { Clock } from './ports.ts'
import { LAST_RESORT, OWNER } from './vrrp/types.ts'

export type FailoverContext = {
  readonly loop: Pick<Loop, 'dispatch' | 'state' | 'watch' | 'plan'>
  readonly clock: Clock
  readonly wallClock: () => Date
}

export type FailoverRequest = Exclude<ControlRequest, { readonly kind: 'reload' }>

/** Carries out `haup failover`, `haup standby` and `haup resume`; resolves when the outcome is known. */
export async function handleFailover(context: FailoverContext, request: FailoverRequest): Promise<ControlResponse> {
  const plan = context.loop.plan()
  switch (request.kind) {
    case 'back': {
      const asked = select(plan, request.instances)
      return asked.ok ? { ok: true, outcomes: asked.value.map((each) => takeBack(context, each)) } : asked.error
    }
    case 'resume':
      return { ok: true, outcomes: plan.instances.map((instance) => takeBack(context, instance)) }
    case 'failover': {
      const asked = select(plan, request.instances)
      if (!asked.ok) return asked.error
      // Without names "all" means all that this node holds; where it holds none, say so for each.
      const masters = asked.value.filter(({ name }) => isMaster(context, name))
      const targets = request.instances.length === 0 && masters.length > 0 ? masters : asked.value
      const { loop, clock } = context
      const refused =
        request.to === undefined ? undefined : refuseHeir(plan, loop.state(), targets, request.to, clock.now())
      if (refused !== undefined) return refused
      const wish = { until: untilOf(context, request.hold_ms), to: request.to, standby: false }
      return { ok: true, outcomes: await Promise.all(targets.map((instance) => handOver(context, instance, wish))) }
    }
    case 'standby': {
      const wish = { until: untilOf(context, request.hold_ms), to: undefined, standby: true }
      return { ok: true, outcomes: await Promise.all(plan.instances.map((each) => standBy(context, each, wish))) }
    }
    default:
      return assertNever(request)
  }
}

/** How a hand-over is meant. */
type Wish = { readonly until: Micros | undefined; readonly to: string | undefined; readonly standby: boolean }

const untilOf = ({ clock }: FailoverContext, holdMs: number | null): Micros | undefined =>
  holdMs === null ? undefined : plus(clock.now(), fromMillis(holdMs))

const isMaster = ({ loop }: FailoverContext, name: string): boolean =>
  runtimeOf(loop.state(), name)?.router.phase.kind === 'master'

/** The instances of these names; without names all. */
function select({ instances }: NodePlan, names: readonly string[]): Result<readonly InstancePlan[], ControlFailure> {
  const known = instances.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return ok(instances.filter(({ name }) => names.length === 0 || names.includes(name)))
  const message = `there is no instance "${unknown}" here`
  return err({ ok: false, code: 'instance.unknown', message, next_steps: [`use one of: ${known.join(', ')}`] })
}

function takeBack({ loop, clock }: FailoverContext, instance: InstancePlan): FailoverOutcome {
  if (runtimeOf(loop.state(), instance.name)?.hold === undefined) {
    return outcome(instance, 'not-held', 'was not handed over: nothing to take back')
  }
  loop.dispatch({ kind: 'back', now: clock.now(), instances: [instance.name] })
  const message = instance.router.preempt
    ? 'takes part again with its own priority; as the preferred node it takes the address back by the rules of preemption'
    : 'takes part again with its own priority; it does not preempt, so the address stays where it is'
  return outcome(instance, 'back', message)
}

/** An instance that is not held here steps back all the same: it is not to come here either. */
async function standBy(context: FailoverContext, instance: InstancePlan, wish: Wish): Promise<FailoverOutcome> {
  const { loop, clock } = context
  if (isMaster(context, instance.name)) return handOver(context, instance, wish)
  loop.dispatch({ kind: 'hold', now: clock.now(), instances: [instance.name], until: wish.until, standby: true })
  return outcome(instance, 'stands-by', `was not held here; ${describeStay(context, instance, wish)}`)
}

async function handOver(context: FailoverContext, instance: InstancePlan, wish: Wish): Promise<FailoverOutcome> {
  const { loop, clock } = context
  const plan = loop.plan()
  const before = runtimeOf(loop.state(), instance.name)
  if (before?.router.phase.kind !== 'master') return notMaster(plan, instance, before)
  const since = clock.now()
  const ended = settled(context, instance, since)
  loop.dispatch({
    kind: 'hold',
    now: since,
    instances: [instance.name],
    until: wish.until,
    ...(wish.to === undefined ? {} : { to: wish.to }),
    ...(wish.standby ? { standby: true } : {}),
  })
  if ((await ended) === 'nobody') {
    if (wish.standby && instance.basePriority !== OWNER) return outcome(instance, 'nobody', describeLastResort(wish))
    // The owner of the addresses and a box that cannot claim again come back by the administrator's hand only: ours.
    loop.dispatch({ kind: 'back', now: clock.now(), instances: [instance.name] })
    return outcome(instance, 'nobody', describeReturn(context, instance, since))
  }
  const heard = runtimeOf(loop.state(), instance.name)?.router.master
  if (heard === undefined) return outcome(instance, 'nobody', 'nobody took over')
  const took = minus(heard.heardAt, since)
  const node = plan.nodeNames.get(heard.address) ?? null
  const isElsewhere = wish.to !== undefined && wish.to !== node
  const instead = isElsewhere ? `, not ${wish.to},` : ''
  return {
    ...outcome(
      instance,
      isElsewhere ? 'elsewhere' : 'taken-over',
      `${node ?? heard.address}${instead} took over after ${formatDuration(took)}; ${describeStay(context, instance, wish)}`,
    ),
    new_master: heard.address,
    node,
    took_ms: toMillis(took),
  }
}

/** Without this node nobody would hold the addresses. */
const describeLastResort = ({ until }: Wish): string =>
  `nobody took over: this node holds it as the last resort with priority ${LAST_RESORT}, and steps back for any other${
    until === undefined ? ' until `haup resume`' : ''
  }`

function describeReturn({ loop, clock }: FailoverContext, { name }: InstancePlan, since: Micros): string {
  const away = formatDuration(fromMillis(Math.round(toMillis(minus(clock.now(), since)))))
  return runtimeOf(loop.state(), name)?.router.phase.kind === 'master'
    ? `nobody took over: the address was away for ${away}; this node holds it again with its own priority`
    : `nobody took over, and this node has not got the address back after ${away}: see \`haup status\``
}

function describeStay(
  { clock, wallClock }: FailoverContext,
  { name, basePriority }: InstancePlan,
  { until, standby }: Wish,
): string {
  const how = basePriority === OWNER ? 'out of the election' : `behind with priority ${LAST_RESORT}`
  const back = standby ? '`haup resume`' : `\`haup failover ${name} --back\``
  if (until === undefined) return `this node stays ${how} until ${back}`
  const end = new Date(wallClock().getTime() + toMillis(minus(until, clock.now())))
  return `this node stays ${how} until ${end.toISOString().slice(0, 19).replace('T', ' ')} UTC, or until ${back}`
}

/** Another router's advert after `since`, or our own claim because none came, or neither in the time both take. */
function settled({ loop }: FailoverContext, instance: InstancePlan, since: Micros): Promise<'taken-over' | 'nobody'> {
  const patience = plus((instance.router.advertInterval * 4) as Micros, fromSeconds(2))
  return new Promise((resolve) => {
    let left = false
    const finish = (result: 'taken-over' | 'nobody'): void => {
      clearTimeout(timer)
      unwatch()
      resolve(result)
    }
    const timer = setTimeout(() => finish('nobody'), toMillis(patience))
    const unwatch = loop.watch((state) => {
      const runtime = runtimeOf(state, instance.name)
      const phase = runtime?.router.phase.kind
      const master = runtime?.router.master
      if (master !== undefined && master.heardAt >= since && master.priority > 0) finish('taken-over')
      else if (phase === 'master' && left) finish('nobody')
      else if (phase !== 'master') left = true
    })
  })
}

function notMaster(plan: NodePlan, instance: InstancePlan, runtime: InstanceRuntime | undefined): FailoverOutcome {
  const master = runtime?.router.master
  const node = master === undefined ? null : (plan.nodeNames.get(master.address) ?? null)
  const message =
    master === undefined
      ? `this node is not master of it (${runtime?.display.state ?? 'unknown'}) and knows of none`
      : `this node is not master of it: ${node ?? master.address} is; run \`haup failover ${instance.name}\` there`
  return { ...outcome(instance, 'not-master', message), new_master: master?.address ?? null, node }
}

const outcome = (instance: InstancePlan, kind: FailoverOutcome['outcome'], message: string): FailoverOutcome => ({
  instance: instance.name,
  outcome: kind,
  new_master: null,
  node: null,
  took_ms: null,
  message,
})

const runtimeOf = (state: EngineState, name: string): InstanceRuntime | undefined => state.instances.get(name)
