import { earliest, type Micros, micros, plus } from '../../shared/units.ts'
import type { Priority, RouterState, Version } from './types.ts'

/** VRRPv2's skew is a part of one second whatever the interval is (RFC 3768 6.1). */
const V2_SKEW_BASE = 1_000_000

/** Adverts that may be lost before a backup takes over; fixed by the RFCs. */
const LOST_ADVERTS = 3

/**
 * Skew_Time, rounded up to a whole microsecond and never zero: how much longer than three intervals this router waits, so
 * that the highest priority claims first. v2: (256 - priority) / 256 s (RFC 3768 6.1); v3: the same part of the master's
 * interval (RFC 9568 6.1).
 */
export function skew(version: Version, priority: Priority, masterInterval: Micros): Micros {
  const base = version === 2 ? V2_SKEW_BASE : masterInterval
  // The product stays far below 2^53 and dividing by a power of two is exact, so only the final rounding rounds.
  return micros(((256 - priority) * base) / 256)
}

/** Master_Down_Interval (Active_Down_Interval): 3 x interval + skew. RFC 3768 6.1, RFC 9568 6.1 */
export const masterDownInterval = (version: Version, priority: Priority, masterInterval: Micros): Micros =>
  plus(micros(LOST_ADVERTS * masterInterval), skew(version, priority, masterInterval))

/** When `transition` wants its next `timer` event; undefined when it waits for nothing. */
export function nextDeadline({ phase }: RouterState): Micros | undefined {
  switch (phase.kind) {
    case 'initialize':
      return undefined
    case 'backup':
      return phase.masterDownAt
    case 'master':
      return earliest(phase.advertAt, phase.announceAt)
  }
}
