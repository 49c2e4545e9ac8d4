import { assertNever } from '../shared/errors.ts'

/** What a look for the main process found. */
export type Seen =
  | { readonly kind: 'runs'; readonly pid: number; readonly startTime: string }
  /** Somebody starts, stops or restarts it right now. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** It was not asked to end. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** In order, as on an administrator's word, or it cannot be told how. */
  | { readonly kind: 'ended'; readonly reason: string }
  /** There is no telling. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** How long after an end in order a new main process is waited for: somebody may restart it by two commands. */
export const GRACE_MS = 1_000
/** A unit's job that takes longer is not waited for; the probes decide meanwhile anyway. */
export const BUSY_MS = 10_000
/** A service manager learns of the end at the same time as we do. */
export const NEWS_MS = 100

/** The main process `former` ended this long ago: is the service dead, has it a new one, or is that still open? Pure. */
export function judgeEnd(
  former: { readonly pid: number; readonly startTime: string },
  seen: Seen,
  elapsedMs: number,
): 'died' | 'replaced' | 'open' {
  switch (seen.kind) {
    case 'runs':
      if (seen.pid !== former.pid || seen.startTime !== former.startTime) return 'replaced'
      return elapsedMs < NEWS_MS ? 'open' : 'died'
    case 'busy':
      return elapsedMs < BUSY_MS ? 'open' : 'died'
    case 'ended':
      return elapsedMs < GRACE_MS ? 'open' : 'died'
    case 'crashed':
    case 'unknown':
      return 'died'
    default:
      return assertNever(seen)
  }
}

export type UnitState = {
  readonly main: number
  readonly active: string
  readonly sub: string
  readonly result: string
  /** A job (start, stop, restart) is queued or runs: somebody asked for it. */
  readonly job: boolean
}

/** Pure: the output of `systemctl show`. undefined when there is no such unit. */
export function parseUnit(text: string): UnitState | undefined {
  const fields = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  )
  const field = (name: string): string => fields.get(name)?.trim() ?? ''
  if (field('LoadState') !== 'loaded') return undefined
  const job = field('Job')
  return {
    main: Number.parseInt(field('MainPID'), 10) || 0,
    active: field('ActiveState'),
    sub: field('SubState'),
    result: field('Result'),
    job: job !== '' && job !== '0',
  }
}

/** Pure: what a unit without a living main process is about. */
export function judgeUnit({ active, sub, result, job }: UnitState): Exclude<Seen, { readonly kind: 'runs' }> {
  const state = `the unit is ${active} (${sub}, ${result})`
  if (job) return { kind: 'busy', reason: state }
  if (sub.startsWith('auto-restart')) return { kind: 'crashed', reason: state }
  if (active === 'activating' || active === 'reloading') return { kind: 'busy', reason: state }
  // It has not heard of the end yet, or reads the pid file of a main process that takes over.
  if (active === 'active') return { kind: 'ended', reason: state }
  return { kind: result === 'success' ? 'ended' : 'crashed', reason: state }
}
