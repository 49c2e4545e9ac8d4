import type { ControlRequest, ControlResponse, FailoverOutcome } from '../control/messages.ts'
import type { ControlFailure } from '../control/parse.ts'
import { assertNever } from '../shared/errors.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { formatDuration, fromMillis, fromSeconds, type Micros, minus, plus, toMillis } from '../shared/units.ts'
import { candidatesOf } from './core/candidates.ts'
import { leavesUntil } from './core/damping.ts'
import type { EngineState, Hold, InstancePlan, InstanceRuntime, NodePlan } from './core/types.ts'
import {
  describeBack,
  describeDeclined,
  describeLastResort,
  describeReturn,
  describeStay,
  type Moment,
  notMaster,
  outcome,
  type Wish,
} from './failover-text.ts'
import type { Loop } from './loop.ts'
import type { Clock } from './ports.ts'
import { refuseNobody, refuseTarget } from './refusals.ts'
import { OWNER } from './vrrp/types.ts'

export type FailoverContext = {
  readonly loop: Pick<Loop, 'dispatch' | 'state' | 'watch' | 'plan'>
  readonly clock: Clock
  readonly wallClock: () => Date
}

export type FailoverRequest = Exclude<ControlRequest, { readonly kind: 'reload' }>

type RequestOf<K extends FailoverRequest['kind']> = Extract<FailoverRequest, { readonly kind: K }>

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
    case 'failover':
      return failOver(context, request)
    case 'standby':
      return standByAll(context, request)
    default:
      return assertNever(request)
  }
}

async function failOver(context: FailoverContext, request: RequestOf<'failover'>): Promise<ControlResponse> {
  const { loop, clock } = context
  const { to, force = false } = request
  const plan = loop.plan()
  const asked = select(plan, request.instances)
  if (!asked.ok) return asked.error
  // Without names "all" means all that this node holds; where it holds none, say so for each.
  const masters = asked.value.filter(({ name }) => isMaster(context, name))
  const targets = request.instances.length === 0 && masters.length > 0 ? masters : asked.value
  const wish: Wish = { until: untilOf(context, request.hold_ms), to, force, standby: false, strict: false }
  const refused =
    (to === undefined ? undefined : refuseTarget(plan, loop.state(), targets, to, clock.now())) ??
    (force ? undefined : refuseNobody(plan, loop.state(), targets, { command: 'failover', to }, clock.now()))
  return refused ?? { ok: true, outcomes: await Promise.all(targets.map((each) => handOver(context, each, wish))) }
}

async function standByAll(context: FailoverContext, request: RequestOf<'standby'>): Promise<ControlResponse> {
  const { loop, clock } = context
  const { force = false, strict = false } = request
  const { instances } = loop.plan()
  const wish: Wish = { until: untilOf(context, request.hold_ms), to: undefined, force, standby: true, strict }
  const asked = { command: 'standby', strict } as const
  const refused = force ? undefined : refuseNobody(loop.plan(), loop.state(), instances, asked, clock.now())
  return refused ?? { ok: true, outcomes: await Promise.all(instances.map((each) => standBy(context, each, wish))) }
}

const untilOf = ({ clock }: FailoverContext, holdMs: number | null): Micros | undefined =>
  holdMs === null ? undefined : plus(clock.now(), fromMillis(holdMs))

const isMaster = ({ loop }: FailoverContext, name: string): boolean =>
  runtimeOf(loop.state(), name)?.router.phase.kind === 'master'

const momentOf = ({ clock, wallClock }: FailoverContext): Moment => ({ now: clock.now(), wall: wallClock() })

/** The instances of these names; without names all. */
function select({ instances }: NodePlan, names: readonly string[]): Result<readonly InstancePlan[], ControlFailure> {
  const known = instances.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return ok(instances.filter(({ name }) => names.length === 0 || names.includes(name)))
  const message = `there is no instance "${unknown}" here`
  return err({ ok: false, code: 'instance.unknown', message, next_steps: [`use one of: ${known.join(', ')}`] })
}

function takeBack({ loop, clock }: FailoverContext, instance: InstancePlan): FailoverOutcome {
  const runtime = runtimeOf(loop.state(), instance.name)
  const isLeft = runtime !== undefined && leavesUntil(instance, runtime, loop.state(), clock.now()) !== undefined
  if (runtime === undefined || (runtime.hold === undefined && !isLeft)) {
    return outcome(instance, 'not-held', 'was not handed over: nothing to take back')
  }
  loop.dispatch({ kind: 'back', now: clock.now(), instances: [instance.name] })
  return outcome(instance, 'back', describeBack(instance, runtime.router.phase.kind === 'master'))
}

/** An instance that is not held here steps back all the same: it is not to come here either. */
async function standBy(context: FailoverContext, instance: InstancePlan, wish: Wish): Promise<FailoverOutcome> {
  if (isMaster(context, instance.name)) return handOver(context, instance, wish)
  begin(context, instance, wish)
  return outcome(instance, 'stands-by', `was not held here; ${describeStay(instance, wish, momentOf(context))}`)
}

const begin = ({ loop, clock }: FailoverContext, { name }: InstancePlan, { to, ...wish }: Wish): void =>
  loop.dispatch({
    kind: 'hold',
    now: clock.now(),
    instances: [name],
    ...wish,
    ...(to === undefined ? {} : { to }),
  })

async function handOver(context: FailoverContext, instance: InstancePlan, wish: Wish): Promise<FailoverOutcome> {
  const { loop, clock } = context
  const plan = loop.plan()
  const before = runtimeOf(loop.state(), instance.name)
  if (before?.router.phase.kind !== 'master') return notMaster(plan, instance, before)
  const since = clock.now()
  const candidates = candidatesOf(plan, instance, before, loop.state(), since)
  const ended = settled(context, instance, since)
  begin(context, instance, wish)
  const result = await ended
  switch (result.kind) {
    case 'taken':
      return describeTaken(context, instance, wish, minus(result.at, since), result.address)
    case 'declined':
      return outcome(instance, 'nobody', describeDeclined(result.node))
    case 'nobody':
      break
    default:
      return assertNever(result)
  }
  if (wish.standby && (wish.strict || instance.basePriority !== OWNER)) {
    return outcome(instance, 'nobody', describeLastResort(isMaster(context, instance.name), wish))
  }
  // The owner of the addresses and a box that cannot claim again come back by the administrator's hand only: ours.
  loop.dispatch({ kind: 'back', now: clock.now(), instances: [instance.name] })
  const away = minus(clock.now(), since)
  return outcome(instance, 'nobody', describeReturn(isMaster(context, instance.name), away, candidates))
}

function describeTaken(
  context: FailoverContext,
  instance: InstancePlan,
  wish: Wish,
  took: Micros,
  address: Taken['address'],
): FailoverOutcome {
  const node = context.loop.plan().nodeNames.get(address) ?? null
  const isElsewhere = wish.to !== undefined && wish.to !== node
  const instead = isElsewhere ? `, not ${wish.to},` : ''
  const stay = describeStay(instance, wish, momentOf(context))
  const message = `${node ?? address}${instead} took over after ${formatDuration(took)}; ${stay}`
  const found = { new_master: address, node, took_ms: toMillis(took) }
  return outcome(instance, isElsewhere ? 'elsewhere' : 'taken-over', message, found)
}

type Taken = NonNullable<Hold['taker']>

type Settled =
  | ({ readonly kind: 'taken' } & Taken)
  /** The node that was asked did not take it over, and this one goes on. */
  | { readonly kind: 'declined'; readonly node: string }
  /** This node is master again or still, or nothing came to pass in the time that all this takes. */
  | { readonly kind: 'nobody' }

function settled({ loop }: FailoverContext, { name, router }: InstancePlan, since: Micros): Promise<Settled> {
  const patience = plus((router.advertInterval * 4) as Micros, fromSeconds(2))
  return new Promise((resolve) => {
    let left = false
    let asked: string | undefined
    const finish = (result: Settled): void => {
      clearTimeout(timer)
      unwatch()
      resolve(result)
    }
    const timer = setTimeout(() => finish({ kind: 'nobody' }), toMillis(patience))
    const unwatch = loop.watch((state) => {
      const runtime = runtimeOf(state, name)
      const hold = runtime?.hold
      const isOurs = hold !== undefined && hold.since >= since
      const move = runtime?.peer.move
      if (isOurs && hold.taker !== undefined) return finish({ kind: 'taken', ...hold.taker })
      if (move?.side === 'out') asked = move.with
      else if (asked !== undefined && runtime?.router.phase.kind === 'master' && !left && !isOurs) {
        return finish({ kind: 'declined', node: asked })
      }
      if (runtime?.router.phase.kind !== 'master') left = true
      // Back after it has let go.
      else if (left) return finish({ kind: 'nobody' })
      // Goes on as the last resort, or stays out: there is nobody to wait for.
      if (isOurs && runtime?.peer.nobodyReadier === true && (!left || hold.strict)) finish({ kind: 'nobody' })
    })
  })
}

const runtimeOf = (state: EngineState, name: string): InstanceRuntime | undefined => state.instances.get(name)
