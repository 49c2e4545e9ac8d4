import { fromMillis, fromSeconds, type Micros, minus, plus, ZERO } from '../../shared/units.ts'
import type { Culprit } from '../ports.ts'

/**
 * PURE: when an address that somebody took away is put back. At once, unless it happens all the time: then another node
 * that can serve takes over. Where there is none, addresses are put back at a limited rate, so that two programs do not
 * wrestle with all the box's power. What cannot be put back is given up, at once when another node can serve, else after
 * a few attempts: a master without its address is a lie.
 */
export type Guardian = {
  /** When addresses were put back within the last `WINDOW`, oldest first. */
  readonly repairs: readonly Micros[]
  readonly phase:
    | { readonly kind: 'calm' }
    | { readonly kind: 'waiting'; readonly until: Micros }
    /** Handed to the shell, which answers always. */
    | { readonly kind: 'repairing' }
  /** Attempts that failed in a row. */
  readonly failures: number
  /** It happens all the time. */
  readonly slowed: boolean
  /** The address that adverts come from was taken away then; it may be on its way back (source.ts). */
  readonly sourceLostAt: Micros | undefined
  /** Who took addresses away last, as far as it was found out. */
  readonly culprit: Culprit | undefined
  /** Times in a row that another node took over because of it. */
  readonly yields: number
}

export type GuardianStep = {
  readonly guardian: Guardian
  readonly order: 'repair' | 'give-up' | undefined
  /** That it happens all the time, or no more. */
  readonly changed: 'slowed' | 'quiet' | undefined
}

export const WINDOW = fromSeconds(10)
/** Repairs within the window after which they come at most every `PAUSE`. */
export const QUICK_REPAIRS = 5
export const PAUSE = fromMillis(100)
/** Pauses after failed attempts; with the attempt after the last one it is given up. */
export const RETRY_AFTER: readonly Micros[] = [fromMillis(100), fromMillis(500)]

/** Who flushes an interface and sets it up again has done that by then; waiting costs clients no more than this. */
export const SOURCE_PATIENCE = fromMillis(100)

export const calmGuardian: Guardian = {
  repairs: [],
  phase: { kind: 'calm' },
  failures: 0,
  slowed: false,
  sourceLostAt: undefined,
  culprit: undefined,
  yields: 0,
}

/**
 * An address of a master is missing. One report is enough until it has been put back. `replaceable`: another node could
 * serve.
 */
export function onLost(before: Guardian, now: Micros, replaceable: boolean): GuardianStep {
  if (before.phase.kind !== 'calm') return unchanged(before)
  const guardian = forget(before, now)
  const last = guardian.repairs.at(-1)
  const often = guardian.repairs.length >= QUICK_REPAIRS
  if (often && replaceable)
    return step({ ...calmGuardian, culprit: before.culprit, yields: before.yields + 1 }, 'give-up', undefined)
  const changed = often === before.slowed ? undefined : often ? 'slowed' : 'quiet'
  if (!often || last === undefined || plus(last, PAUSE) <= now) return { ...repair(guardian, now, often), changed }
  return step({ ...guardian, slowed: often, phase: { kind: 'waiting', until: plus(last, PAUSE) } }, undefined, changed)
}

export function onTime(before: Guardian, now: Micros): GuardianStep {
  const { phase } = before
  if (phase.kind === 'waiting') {
    return phase.until <= now ? repair(forget(before, now), now, before.slowed) : unchanged(before)
  }
  if (phase.kind === 'repairing' || !before.slowed) return unchanged(before)
  const guardian = forget(before, now)
  // Long enough after the last repairs for quick ones to be allowed again.
  if (guardian.repairs.length >= QUICK_REPAIRS) return unchanged(before)
  return step({ ...guardian, slowed: false }, undefined, 'quiet')
}

export const onRepaired = (before: Guardian): GuardianStep =>
  step({ ...before, phase: { kind: 'calm' }, failures: 0 }, undefined, undefined)

export function onRepairFailed(before: Guardian, now: Micros, replaceable: boolean): GuardianStep {
  const pause = replaceable ? undefined : RETRY_AFTER[before.failures]
  if (pause === undefined) return step({ ...before, phase: { kind: 'calm' }, failures: 0 }, 'give-up', undefined)
  const phase = { kind: 'waiting', until: plus(now, pause) } as const
  return step({ ...before, phase, failures: before.failures + 1 }, undefined, undefined)
}

/** This node is master no more: nothing is to be put back. What happened is remembered. */
export const atRest = (guardian: Guardian): Guardian =>
  guardian.phase.kind === 'calm' && guardian.failures === 0 && guardian.sourceLostAt === undefined
    ? guardian
    : { ...guardian, phase: { kind: 'calm' }, failures: 0, sourceLostAt: undefined }

/** When `onTime` has something to do next. */
export function guardianDeadline({ phase, slowed, repairs, sourceLostAt }: Guardian): Micros | undefined {
  if (sourceLostAt !== undefined) return plus(sourceLostAt, SOURCE_PATIENCE)
  if (phase.kind === 'waiting') return phase.until
  if (phase.kind === 'repairing' || !slowed) return undefined
  const oldest = repairs.at(-QUICK_REPAIRS)
  return oldest === undefined ? ZERO : plus(oldest, WINDOW)
}

const repair = (guardian: Guardian, now: Micros, slowed: boolean): GuardianStep =>
  step({ ...guardian, slowed, repairs: [...guardian.repairs, now], phase: { kind: 'repairing' } }, 'repair', undefined)

const forget = (guardian: Guardian, now: Micros): Guardian => ({
  ...guardian,
  repairs: guardian.repairs.filter((at) => at > minus(now, WINDOW)),
})

const step = (guardian: Guardian, order: GuardianStep['order'], changed: GuardianStep['changed']): GuardianStep => ({
  guardian,
  order,
  changed,
})

const unchanged = (guardian: Guardian): GuardianStep => step(guardian, undefined, undefined)
