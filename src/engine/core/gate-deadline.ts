import { fromMillis, type Micros, micros } from '../../shared/units.ts'
import { masterDownInterval } from '../vrrp/timing.ts'
import { FASTEST_FENCED, OWNER, type Priority, type Version } from '../vrrp/types.ts'

/**
 * Clock rates of two boxes agree within 1 %. Part of the whole span that a backup waits: its clock may be that much
 * faster than ours. (1 / 1.01 of the span would do; 99 % of it is less.)
 */
const RATE = 0.01

/**
 * Everything that is not the rate of a clock:
 *  - 10 ms from reading our clock until the kernel has counted the gate's time from there (`SLOWEST_RENEWAL`; the kernel
 *    itself rounds down to its ticks, so that it closes early);
 *  - 10 ms for the answer to a packet that passed just before closing (receive queue, reply, transmit queue), and for a
 *    backup that counts from a reading of its clock that is a little older than the advert's arrival.
 * Delivery of the advert costs nothing: the backup counts from its arrival, we count from before it was sent.
 */
const PROCESSING = fromMillis(20)

/** Priority of a backup that we know nothing of: the highest that a backup can have. */
export const UNKNOWN_PEER: Priority = OWNER - 1

/**
 * How long after the sending of an advert (the clock is read before it is sent) a master may still answer for its
 * addresses, when it can send no more: the earliest claim of the keenest backup (3 intervals and its Skew_Time, RFC 9568
 * 6.1, RFC 3768 6.1) minus a margin. `highestOther` is the highest priority among the other nodes; `interval` is what our
 * adverts say, which foreign v3 backups adopt (RFC 9568 6.4.2) and all others are configured with.
 *
 * Undefined: such fast adverts cannot be fenced. Not covered by any length of it: a node that claims without waiting for
 * our adverts to end (preemption, an owner that starts) and a backup that does not receive them.
 */
export function gateLease(version: Version, interval: Micros, highestOther: Priority): Micros | undefined {
  if (interval < FASTEST_FENCED) return undefined
  return answersFor(masterDownInterval(version, Math.min(highestOther, UNKNOWN_PEER), interval))
}

/**
 * How long after a sign of life was sent this node may answer for addresses, when whoever has received it claims after
 * `wait` of silence. Zero where that is too short for anything.
 */
export const answersFor = (wait: Micros): Micros => micros(Math.max(0, Math.floor(wait * (1 - RATE)) - PROCESSING))

/** The highest priority that another node may have as a backup; `UNKNOWN_PEER` when there is none that we know. */
export const highestOther = (others: readonly Priority[]): Priority =>
  others.length === 0 ? UNKNOWN_PEER : Math.min(UNKNOWN_PEER, Math.max(...others))
