import { gateLease } from '../../../src/engine/core/gate-deadline.ts'
import type { Interval } from '../../../src/lab/witness-timeline.ts'
import { fromMillis } from '../../../src/shared/units.ts'
import type { BoxName, FaultKind } from './plan.ts'

/**
 * How long two boxes may be holders, by what is in force. PURE. Adverts come each 100 ms, both boxes are fenced by the gate
 * and hear each other by adverts alone.
 */

export const INTERVAL_MS = 100

/**
 * A claim by preemption is heard and obeyed: delivery, the other's loop, closing its gate. The claimant opens meanwhile.
 * On a machine of two cores that does other things too.
 */
const RELEASE_MS = 100

/** An engine that cannot obey a claim closes when its last advert has been answered for: at most this long after it. */
export const LEASE_MS = (gateLease(3, fromMillis(INTERVAL_MS), 100) ?? 0) / 1_000

/** A fault as it really was, in milliseconds of the monotonic clock. */
export type Fault = Interval & { readonly kind: FaultKind; readonly box: BoxName }

export type Allowance = { readonly why: string; readonly from: number; readonly to: number }

/** No path for adverts, and no arbiter: VRRP's own behaviour is two masters, until an advert is heard again and obeyed. */
const PARTITIONS: readonly FaultKind[] = ['adverts-in', 'adverts-out', 'adverts-both', 'blocked']

/** The times in which the bound does not hold that holds otherwise. */
export function allowances(faults: readonly Fault[]): readonly Allowance[] {
  return faults.flatMap((fault) => {
    const { kind, box, from, to } = fault
    if (PARTITIONS.includes(kind))
      return [{ why: `${kind} on ${box}: a partition`, from, to: to + INTERVAL_MS + RELEASE_MS }]
    if (kind === 'nft-flush') return unguarded(fault, faults)
    return []
  })
}

/** A foreign flush takes the closed gate away; an engine that is dead or frozen then cannot put it back or let go. */
function unguarded(flush: Fault, faults: readonly Fault[]): readonly Allowance[] {
  const mute = faults.filter(
    ({ kind, box, from, to }) =>
      box === flush.box && (kind === 'kill' || kind === 'freeze') && from <= flush.to + LEASE_MS && to >= flush.from,
  )
  return mute.map(({ kind, to }) => ({
    why: `nft-flush on ${flush.box} without an engine (${kind})`,
    from: flush.from,
    to: to + START_MS,
  }))
}

/** Until a started engine has put things in order. */
const START_MS = 3_000

/** What of an overlap is beyond its bound, in words; nothing when all is well. */
export function checkTwoHolders(two: readonly Interval[], faults: readonly Fault[]): readonly string[] {
  const excused = allowances(faults)
  return two.flatMap((interval) => {
    const longest = Math.max(0, ...unexcused(interval, excused).map(({ from, to }) => to - from))
    const { why, ms } = boundAt(interval, faults)
    return longest <= ms ? [] : [`two holders for ${Math.round(longest)} ms, bound ${ms} ms (${why})`]
  })
}

function boundAt({ from, to }: Interval, faults: readonly Fault[]): { readonly why: string; readonly ms: number } {
  const frozen = faults.some((each) => each.kind === 'freeze' && each.from <= to && each.to >= from)
  return frozen
    ? { why: 'the lease of an engine that is frozen while it is preempted', ms: Math.round(LEASE_MS + RELEASE_MS) }
    : { why: 'a claim is delivered and obeyed', ms: RELEASE_MS }
}

/** What is left of an interval outside of the allowances. */
function unexcused(interval: Interval, excused: readonly Allowance[]): readonly Interval[] {
  let left: readonly Interval[] = [interval]
  for (const { from, to } of excused) {
    left = left.flatMap((piece) => [
      ...(piece.from < from ? [{ from: piece.from, to: Math.min(piece.to, from) }] : []),
      ...(piece.to > to ? [{ from: Math.max(piece.from, to), to: piece.to }] : []),
    ])
  }
  return left
}
