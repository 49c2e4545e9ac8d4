import type { Warning } from '../../control/messages.ts'
import type { LogRecord } from '../../shared/log.ts'
import { formatDuration, minus, plus } from '../../shared/units.ts'
import type { RouterAction } from '../vrrp/types.ts'
import type { Guarded } from './addresses.ts'
import { SOURCE_PATIENCE } from './guardian.ts'
import { type Place, placeOf } from './place.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * The box's own addresses, as an instance needs them (place.ts). PURE. A master without the one that adverts come from lets
 * go, but not at once: a program that flushes the interface sets it up again within milliseconds. Until then nothing is put
 * back: a virtual address that comes first would be the primary one, and the source of all that the box says by itself.
 */

/** What the loss means for an event that is not about addresses; undefined: nothing, go on. */
export function followSource(
  plan: InstancePlan,
  runtime: InstanceRuntime,
  event: EngineEvent,
  hasChannel: boolean,
): Guarded | undefined {
  const { sourceLostAt } = runtime.guardian
  if (sourceLostAt === undefined) return undefined
  const isOver = runtime.router.phase.kind !== 'master' || event.now >= plus(sourceLostAt, SOURCE_PATIENCE)
  if (isOver && event.kind !== 'addresses') {
    const found = placeOf(plan, runtime.place.seen, runtime.links, hasChannel)
    return withPlace(plan, { runtime: calm(runtime), actions: [] }, found)
  }
  const isWaiting = event.kind === 'timer' || (event.kind === 'address-lost' && event.instance === plan.name)
  return isWaiting ? { runtime, actions: [] } : undefined
}

/** What all addresses of the box tell; also after a change of the interfaces, from which their meaning may follow. */
export function lookAtPlace(
  plan: InstancePlan,
  { runtime, actions }: Guarded,
  event: EngineEvent,
  hasChannel: boolean,
  successor: () => string | undefined,
): Guarded {
  const seen = event.kind === 'addresses' ? event.seen : runtime.place.seen
  const found = placeOf(plan, seen, runtime.links, hasChannel)
  const { sourceLostAt } = runtime.guardian
  const isMaster = runtime.router.phase.kind === 'master'
  if (found.fault !== undefined && isMaster && runtime.place.fault === undefined) {
    const waiting = { ...runtime, place: { ...runtime.place, seen: found.seen } }
    return sourceLostAt === undefined ? lost(plan, { runtime: waiting, actions }, event) : { runtime: waiting, actions }
  }
  if (
    found.misplaced !== undefined &&
    isMaster &&
    (sourceLostAt !== undefined || runtime.place.misplaced === undefined)
  ) {
    // Bound anew they follow the routes of the interface that the own address is on now; nobody else can serve.
    const again = successor() === undefined ? anew(plan) : []
    return withPlace(plan, { runtime: calm(runtime), actions: [...actions, ...again] }, found)
  }
  if (found.fault === undefined && sourceLostAt !== undefined) {
    const took = formatDuration(minus(event.now, sourceLostAt))
    const message = `${plan.router.source}, which adverts come from, is back after ${took}: the addresses are set and announced anew`
    const record = log(plan, { level: 'info', code: 'source.back', message })
    return withPlace(plan, { runtime: calm(runtime), actions: [...actions, record, ...anew(plan)] }, found)
  }
  return withPlace(plan, { runtime, actions }, found)
}

/** What `status` warns of, whoever holds. */
export const placeWarnings = (plan: InstancePlan, { place }: InstanceRuntime): readonly Warning[] =>
  misfits(place).map(({ code, message }) => ({ code, message: `${plan.name}: ${message}` }))

function lost(plan: InstancePlan, { runtime, actions }: Guarded, { now }: EngineEvent): Guarded {
  const patience = formatDuration(SOURCE_PATIENCE)
  const message = `somebody took ${plan.router.source} away, which adverts come from: it has ${patience} to come back`
  return {
    runtime: { ...runtime, guardian: { ...runtime.guardian, sourceLostAt: now } },
    actions: [...actions, log(plan, { level: 'warn', code: 'source.lost', message })],
  }
}

const calm = (runtime: InstanceRuntime): InstanceRuntime => ({
  ...runtime,
  guardian: { ...runtime.guardian, sourceLostAt: undefined },
})

/** Each thing that is wrong now and was not before is said; a fault is said with the state that it leads to. */
function withPlace(plan: InstancePlan, { runtime, actions }: Guarded, found: Place): Guarded {
  const before = misfits(runtime.place).map(({ message }) => message)
  const after = misfits(found).map(({ message }) => message)
  const news = misfits(found).filter(({ message }) => !before.includes(message))
  const isOver = before.length > 0 && after.length === 0 && found.fault === undefined
  const over = log(plan, { level: 'info', code: 'place.right', message: 'the own addresses of this box are in place' })
  return {
    runtime: { ...runtime, place: found },
    actions: [...actions, ...news.map((each) => log(plan, { level: 'warn', ...each })), ...(isOver ? [over] : [])],
  }
}

const misfits = ({ misplaced, remarks }: Place): readonly Warning[] => [
  ...(misplaced === undefined ? [] : [{ code: 'place.misplaced', message: misplaced }]),
  ...remarks.map((message) => ({ code: 'place.remark', message })),
]

/** All of them, also those that are there: behind the box's own in the kernel's order. */
const anew = ({ name }: InstancePlan): readonly EngineAction[] =>
  (['unbind', 'bind', 'announce'] as const).map(
    (kind: Extract<RouterAction['kind'], 'unbind' | 'bind' | 'announce'>) => ({
      kind: 'router',
      instance: name,
      action: { kind },
    }),
  )

const log = (plan: InstancePlan, record: Pick<LogRecord, 'level' | 'code' | 'message'>): EngineAction => ({
  kind: 'log',
  record: { subject: plan.name, ...record },
})
