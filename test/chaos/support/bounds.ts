import { gateLease } from '../../../src/engine/core/gate-deadline.ts'
import type { Interval } from '../../../src/lab/witness-timeline.ts'
import { fromMillis } from '../../../src/shared/units.ts'
import type { BoxName, FaultKind } from './plan.ts'

/**
 * How long two boxes may be holders, by what is in force. PURE. Adverts come each 100 ms, addresses are announced each
 * second, both boxes are fenced by the gate and hear each other by adverts and ARP alone.
 */

export const INTERVAL_MS = 100

/**
 * A claim by preemption is heard and obeyed: delivery, the other's loop, closing its gate. The claimant opens meanwhile.
 * On a machine of two cores that does other things too.
 */
const RELEASE_MS = 100

/** An engine that cannot obey a claim closes when its last advert has been answered for: at most this long after it. */
export const LEASE_MS = Math.round((gateLease(3, fromMillis(INTERVAL_MS), 100) ?? 0) / 1_000)

/** Where adverts do not get through, ARP tells who lets go: R + 3 A + probe of docs/split-brain.md. */
const ANNOUNCED_EVERY_MS = 1_000
const PROBE_MS = 50
const BY_ARP_MS = ANNOUNCED_EVERY_MS + 3 * INTERVAL_MS + PROBE_MS

/** A fault as it really was, in milliseconds of the monotonic clock. */
export type Fault = Interval & { readonly kind: FaultKind; readonly box: BoxName }

export type Bound = { readonly why: string; readonly ms: number }

const OBEYED: Bound = { why: 'a claim is delivered and obeyed', ms: RELEASE_MS }
const EATEN: Bound = { why: 'adverts are eaten: ARP tells who lets go', ms: BY_ARP_MS + RELEASE_MS }

const BOUNDS: Readonly<Partial<Record<FaultKind, Bound>>> = {
  freeze: { why: 'a frozen engine is preempted: its lease ends', ms: LEASE_MS + RELEASE_MS },
  // The two sides see each other again when the port forwards again: the next advert settles it.
  blocked: { why: 'a partition heals: the next advert is obeyed', ms: INTERVAL_MS + RELEASE_MS },
  'adverts-in': EATEN,
  'adverts-out': EATEN,
  'adverts-both': EATEN,
}

/** What of the times with two holders is beyond its bound, in words; nothing when all is well. */
export function checkTwoHolders(two: readonly Interval[], faults: readonly Fault[]): readonly string[] {
  const excused = unguarded(faults)
  return two.flatMap((interval) => {
    const longest = Math.max(0, ...outside(interval, excused).map(({ from, to }) => to - from))
    const { why, ms } = boundOf(interval, faults)
    return longest <= ms ? [] : [`two holders for ${Math.round(longest)} ms, bound ${ms} ms (${why})`]
  })
}

/** The widest of what is in force, or has been so shortly before that it may still have its effect. */
export function boundOf({ from, to }: Interval, faults: readonly Fault[]): Bound {
  let widest = OBEYED
  for (const fault of faults) {
    const bound = BOUNDS[fault.kind]
    if (bound !== undefined && fault.from <= to && fault.to + bound.ms >= from && bound.ms > widest.ms) widest = bound
  }
  return widest
}

/** Until a started engine has put things in order. */
const START_MS = 3_000

/**
 * A foreign flush takes the closed gate away; an engine that is dead or frozen then can neither put it back nor let go. No
 * bound holds until it is back.
 */
function unguarded(faults: readonly Fault[]): readonly Interval[] {
  const flushes = faults.filter(({ kind }) => kind === 'nft-flush')
  const mute = faults.filter(({ kind }) => kind === 'kill' || kind === 'freeze')
  return flushes.flatMap((flush) =>
    mute
      .filter(({ box, from, to }) => box === flush.box && from <= flush.to + LEASE_MS && to >= flush.from)
      .map(({ to }) => ({ from: flush.from, to: to + START_MS })),
  )
}

/** What is left of an interval outside of others. */
function outside(interval: Interval, others: readonly Interval[]): readonly Interval[] {
  let left: readonly Interval[] = [interval]
  for (const { from, to } of others) {
    left = left.flatMap((piece) => [
      ...(piece.from < from ? [{ from: piece.from, to: Math.min(piece.to, from) }] : []),
      ...(piece.to > to ? [{ from: Math.max(piece.from, to), to: piece.to }] : []),
    ])
  }
  return left
}
