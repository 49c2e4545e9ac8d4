import type { LogRecord } from '../../shared/log.ts'
import { formatDuration, minus, plus } from '../../shared/units.ts'
import type { RouterAction } from '../vrrp/types.ts'
import type { Guarded } from './addresses.ts'
import { SOURCE_PATIENCE } from './guardian.ts'
import type { EngineAction, EngineEvent, InstancePlan, InstanceRuntime } from './types.ts'

/**
 * The box's own address, which adverts come from. PURE. A master without it lets go, but not at once: a program that
 * flushes the interface sets it up again within milliseconds. Until then nothing is put back: a virtual address that
 * comes first would be the primary one, and the source of all that the box says by itself.
 */

/** What the loss means for an event that is not about addresses; undefined: nothing, go on. */
export function followSource(plan: InstancePlan, runtime: InstanceRuntime, event: EngineEvent): Guarded | undefined {
  const { sourceLostAt } = runtime.guardian
  if (sourceLostAt === undefined) return undefined
  const isOver = runtime.router.phase.kind !== 'master' || event.now >= plus(sourceLostAt, SOURCE_PATIENCE)
  if (isOver && event.kind !== 'addresses') return { runtime: gone(runtime), actions: [] }
  const isWaiting = event.kind === 'timer' || (event.kind === 'address-lost' && event.instance === plan.name)
  return isWaiting ? { runtime, actions: [] } : undefined
}

/** What all addresses of the box tell of it. */
export function lookAtSource(
  plan: InstancePlan,
  { runtime, actions }: Guarded,
  event: Extract<EngineEvent, { kind: 'addresses' }>,
): Guarded {
  const { guardian } = runtime
  const { source } = plan.router
  const isHere = event.seen.some(({ address }) => address.address === source)
  if (isHere && guardian.sourceLostAt !== undefined) {
    const took = formatDuration(minus(event.now, guardian.sourceLostAt))
    const message = `${source}, which adverts come from, is back after ${took}: the addresses are set and announced anew`
    const calm = { ...guardian, sourceLostAt: undefined }
    const record: EngineAction = log(plan, { level: 'info', code: 'source.back', message })
    return { runtime: { ...runtime, guardian: calm, sourceGone: false }, actions: [...actions, record, ...anew(plan)] }
  }
  if (isHere) return { runtime: { ...runtime, sourceGone: false }, actions }
  if (runtime.sourceGone || guardian.sourceLostAt !== undefined) return { runtime, actions }
  if (runtime.router.phase.kind !== 'master') return { runtime: gone(runtime), actions }
  const patience = formatDuration(SOURCE_PATIENCE)
  const message = `somebody took ${source} away, which adverts come from: it has ${patience} to come back`
  return {
    runtime: { ...runtime, guardian: { ...guardian, sourceLostAt: event.now } },
    actions: [...actions, log(plan, { level: 'warn', code: 'source.lost', message })],
  }
}

const gone = (runtime: InstanceRuntime): InstanceRuntime => ({
  ...runtime,
  guardian: { ...runtime.guardian, sourceLostAt: undefined },
  sourceGone: true,
})

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
