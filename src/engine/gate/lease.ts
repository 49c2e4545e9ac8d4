import { err, ok, type Result } from '../../shared/result.ts'
import { formatDuration, fromMillis, type Micros, micros, minus, plus, toMillis, ZERO } from '../../shared/units.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import { type Admitted, admitting, endAdmission, endHandingOn, handingOnAgain, type Moved } from './move-requests.ts'
import { addElements, batch, flushSet } from './nftables.ts'
import { describe } from './set-up.ts'
import { OPEN_KEYS, OPEN_TABLE, openSets } from './tables.ts'

/** How long an owner is open, which of its two sets was filled last, and its part in a planned move. */
export type Lease = {
  turn: 0 | 1
  until: Micros
  admitted: Admitted | undefined
  moved: Moved | undefined
}

export const newLease = (): Lease => ({ turn: 0, until: ZERO, admitted: undefined, moved: undefined })

/**
 * How long it may take from reading the clock until the kernel has counted from there; `gateLease` leaves more than this
 * as its margin. An engine that was stopped in between has opened for too long by that time: it does it again, for less.
 */
const SLOWEST_RENEWAL = fromMillis(10)
const ATTEMPTS = 5

/**
 * One transaction for each renewal, whatever number of addresses: it replaces one element in each of the owned tables.
 * (`add element` alone would not extend an existing one before Linux 6.12.)
 */
export async function renew(
  socket: NetlinkSocket,
  now: () => Micros,
  owner: string,
  lease: Lease,
  until: Micros,
): Promise<Result<void, string>> {
  let reserve = ZERO
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const begun = now()
    const remaining = Math.floor(toMillis(minus(minus(until, begun), reserve)))
    if (remaining < 1) break
    // What would stay open for longer than is asked for now goes in the same transaction.
    const stale = attempt > 1 || until < lease.until
    lease.turn = lease.turn === 0 ? 1 : 0
    lease.until = until
    const requests = [...openOwner(owner, lease.turn, remaining, stale), ...endMove(owner, lease)]
    const opened = await socket.transactBatch(batch(requests))
    if (!opened.ok && opened.error.code === 'ENOENT' && lease.moved !== undefined) {
      // Somebody else has removed the table of the move.
      lease.moved = undefined
      continue
    }
    if (!opened.ok) return err(`cannot open the gate of ${owner}: ${describe(opened.error)}`)
    lease.admitted = undefined
    lease.moved = undefined
    const took = minus(now(), begun)
    if (took <= SLOWEST_RENEWAL + reserve) return opened
    reserve = reserveAfter(attempt, took, minus(until, now()))
  }
  const closed = await end(socket, owner, lease)
  if (!closed.ok) return closed
  const late = minus(now(), until)
  const why = late > 0 ? `it was asked for ${formatDuration(late)} too late` : 'this box is too slow to renew it'
  return err(`the gate of ${owner} stays closed: ${why}`)
}

/** What a slow box is left for the next attempt; a first slow one may have been the only one. */
const reserveAfter = (attempt: number, took: Micros, left: Micros): Micros =>
  attempt === 1 ? ZERO : micros(Math.max(0, Math.min(2 * took, left / 2)))

/** For a set-up: what is open stays open, what is admitted or handed on stays so. `kept` are tables of moves that stand. */
export function reopening(
  owner: string,
  lease: Lease,
  kept: ReadonlySet<string>,
  now: Micros,
): readonly NetlinkRequest[] {
  const remaining = Math.floor(toMillis(minus(lease.until, now)))
  return [
    ...(remaining < 1 ? [] : openOwner(owner, lease.turn, remaining, false)),
    ...(lease.admitted === undefined ? [] : admitting(owner, lease.admitted, now)),
    ...(lease.moved === undefined ? [] : handingOnAgain(owner, lease.moved, kept, now)),
  ]
}

/** After a set-up, which is slow: to the millisecond again. */
export async function renewExactly(
  socket: NetlinkSocket,
  now: () => Micros,
  owner: string,
  lease: Lease,
): Promise<Result<void, string>> {
  const { until } = lease
  if (until === ZERO) return ok(undefined)
  lease.until = plus(until, micros(1))
  return renew(socket, now, owner, lease, until)
}

export async function end(socket: NetlinkSocket, owner: string, lease: Lease): Promise<Result<void, string>> {
  const closed = await socket.transactBatch(batch(closeOwner(owner)))
  if (!closed.ok) return err(`cannot close the gate of ${owner}: ${describe(closed.error)}`)
  lease.until = ZERO
  lease.admitted = undefined
  return closed
}

const endMove = (owner: string, { admitted, moved }: Lease): readonly NetlinkRequest[] => [
  ...(admitted === undefined ? [] : endAdmission(owner)),
  ...(moved === undefined ? [] : [endHandingOn(owner)]),
]

function openOwner(owner: string, turn: 0 | 1, timeout: number, all: boolean): readonly NetlinkRequest[] {
  const set = openSets(owner)[turn]
  const flushed = all ? openSets(owner) : [set]
  return OPEN_KEYS.flatMap(([family, keys]) => [
    ...flushed.map((each) => flushSet(family, OPEN_TABLE, each)),
    ...addElements(
      family,
      OPEN_TABLE,
      set,
      keys.map((key) => ({ key, timeout })),
    ),
  ])
}

/** Also for what is admitted. */
export const closeOwner = (owner: string): readonly NetlinkRequest[] => [
  ...OPEN_KEYS.flatMap(([family]) => openSets(owner).map((set) => flushSet(family, OPEN_TABLE, set))),
  ...endAdmission(owner),
]
