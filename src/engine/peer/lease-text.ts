import { formatDuration, fromMillis, type Micros, minus } from '../../shared/units.ts'
import type { LeaseState } from './lease.ts'
import type { ArbiterFailure } from './witness.ts'

/** PURE: what is to be said of a lease. */

export type LeaseNotice = {
  readonly kind: 'notice'
  readonly level: 'info' | 'warn'
  readonly code: 'lease.held' | 'lease.lost' | 'lease.refused' | 'lease.unreachable' | 'lease.reachable'
  readonly text: string
}

/** What changed between two states, if it is worth a line. */
export function noticeOf(before: LeaseState, after: LeaseState, now: Micros): readonly LeaseNotice[] {
  if (before.phase.kind !== 'held' && after.phase.kind === 'held') {
    return [notice('info', 'lease.held', describeLease(after, now))]
  }
  if (before.phase.kind === 'held' && after.phase.kind === 'lost') {
    const why = after.failure === undefined ? 'it was not renewed in time' : describeFailure(after.failure)
    return [notice('warn', 'lease.lost', `the lease is lost: ${why}`)]
  }
  const [was, is] = [before.failure, after.failure]
  if (is?.kind === 'unreachable' && was?.kind !== 'unreachable') {
    return [notice('warn', 'lease.unreachable', describeFailure(is))]
  }
  if (is?.kind !== 'unreachable' && was?.kind === 'unreachable') {
    return [notice('info', 'lease.reachable', 'the arbiter answers again')]
  }
  const refused = is?.kind === 'held' && after.wanted && !(was?.kind === 'held' && was.by === is.by)
  return refused ? [notice('info', 'lease.refused', describeFailure(is))] : []
}

/** One line for `status` and `why`. */
export function describeLease({ phase, wanted, failure, view }: LeaseState, now: Micros): string {
  const trouble = failure === undefined ? '' : describeFailure(failure)
  switch (phase.kind) {
    case 'held': {
      const left = `the lease is ours for ${formatDuration(minus(phase.until, now))} more`
      return trouble === '' ? left : `${left}; ${trouble}`
    }
    case 'lost':
      return `the lease is lost since ${formatDuration(minus(now, phase.since))}${trouble === '' ? '' : `: ${trouble}`}`
    case 'none':
      if (trouble !== '') return trouble
      if (wanted) return 'the lease is being asked for'
      if (view === undefined) return 'the lease is not wanted'
      return view.kind === 'free' ? 'nobody has the lease' : `${view.by} has the lease`
  }
}

export function describeFailure(failure: ArbiterFailure): string {
  switch (failure.kind) {
    case 'held':
      return `${failure.by} has the lease, for ${formatDuration(fromMillis(failure.forMs))} at least unless it gives it back`
    case 'gone':
      return 'the lease has run out at the arbiter'
    case 'unreachable':
      return `the arbiter cannot be relied upon: ${failure.detail}`
  }
}

const notice = (level: LeaseNotice['level'], code: LeaseNotice['code'], text: string): LeaseNotice => ({
  kind: 'notice',
  level,
  code,
  text,
})
