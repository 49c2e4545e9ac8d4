import { err, ok, type Result } from '../../shared/result.ts'
import { formatDuration, fromMillis, type Micros, micros, minus, plus, toMillis, ZERO } from '../../shared/units.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import { type Admitted, admitting, endAdmission, endHandingOn, handingOnAgain, type Moved } from './move-requests.ts'
import { flushSet, timedElements } from './nftables.ts'
import { describe } from './set-up.ts'
import { type Answer, isUnanswered, type Step } from './step.ts'
import { OPEN_KEYS, OPEN_TABLE, openSets } from './tables.ts'

/** How long an owner is open, which of its two sets was filled last, and its part in a planned move. */
export type Lease = {
  /** Made once, for the renewals. */
  opening: Opening | undefined
  turn: 0 | 1
  until: Micros
  admitted: Admitted | undefined
  moved: Moved | undefined
}

export const newLease = (): Lease => ({
  opening: undefined,
  turn: 0,
  until: ZERO,
  admitted: undefined,
  moved: undefined,
})

/**
 * How long it may take from reading the clock until the kernel has counted from there; `gateLease` leaves more than this
 * as its margin. An engine that was stopped in between has opened for too long by that time: it does it again, for less.
 */
const SLOWEST_RENEWAL = fromMillis(10)
const ATTEMPTS = 5

/**
 * Whatever number of addresses: it replaces one element in each of the owned tables. (`add element` alone would not extend an
 * existing one before Linux 6.12.) Too slow: once more, for less; in the end it closes.
 */
export function renewal(
  now: () => Micros,
  owner: string,
  lease: Lease,
  until: Micros,
  { attempt, reserve }: Attempt = FIRST,
): Step {
  let begun = ZERO
  let ends = false
  const again = (next: Micros): Step => renewal(now, owner, lease, until, { attempt: attempt + 1, reserve: next })
  return {
    ask: () => {
      begun = now()
      const remaining = Math.floor(toMillis(minus(minus(until, begun), reserve)))
      ends = remaining < 1 || attempt > ATTEMPTS
      if (ends) return ok(closeOwner(owner))
      // What would stay open for longer than is asked for now goes in the same transaction.
      const stale = attempt > 1 || until < lease.until
      return ok([...openOwner(owner, lease, otherTurn(lease), remaining, stale), ...endMove(owner, lease)])
    },
    answered: (reply) => {
      if (ends) return stayClosed(owner, lease, reply, minus(now(), until))
      if (reply.ok || isUnanswered(reply.error)) Object.assign(lease, { turn: otherTurn(lease), until })
      if (!reply.ok && reply.error.code === 'ENOENT' && lease.moved !== undefined) {
        // Somebody else has removed the table of the move.
        lease.moved = undefined
        return again(reserve)
      }
      if (!reply.ok) return err(`cannot open the gate of ${owner}: ${describe(reply.error)}`)
      lease.admitted = undefined
      lease.moved = undefined
      const took = minus(now(), begun)
      return took <= SLOWEST_RENEWAL + reserve ? reply : again(reserveAfter(attempt, took, minus(until, now())))
    },
  }
}

type Attempt = { readonly attempt: number; readonly reserve: Micros }

const FIRST: Attempt = { attempt: 1, reserve: ZERO }

const otherTurn = ({ turn }: Lease): 0 | 1 => (turn === 0 ? 1 : 0)

function stayClosed(owner: string, lease: Lease, reply: Result<void, NetlinkFailure>, late: Micros): Answer {
  const closed = ended(owner, lease, reply)
  if (!closed.ok) return closed
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
    ...(remaining < 1 ? [] : openOwner(owner, lease, lease.turn, remaining, false)),
    ...(lease.admitted === undefined ? [] : admitting(owner, lease.admitted, now)),
    ...(lease.moved === undefined ? [] : handingOnAgain(owner, lease.moved, kept, now)),
  ]
}

/** After a set-up, which is slow: to the millisecond again. None for what was never opened. */
export function renewalExactly(now: () => Micros, owner: string, lease: Lease): Step | undefined {
  const { until } = lease
  if (until === ZERO) return undefined
  lease.until = plus(until, micros(1))
  return renewal(now, owner, lease, until)
}

export const closing = (owner: string, lease: Lease): Step => ({
  ask: () => ok(closeOwner(owner)),
  answered: (reply) => ended(owner, lease, reply),
})

function ended(owner: string, lease: Lease, reply: Result<void, NetlinkFailure>): Answer {
  if (!reply.ok) return err(`cannot close the gate of ${owner}: ${describe(reply.error)}`)
  lease.until = ZERO
  lease.admitted = undefined
  return reply
}

const endMove = (owner: string, { admitted, moved }: Lease): readonly NetlinkRequest[] => [
  ...(admitted === undefined ? [] : endAdmission(owner)),
  ...(moved === undefined ? [] : [endHandingOn(owner)]),
]

/** For each table: what empties each of the two sets, and what fills it. */
type Opening = readonly (readonly {
  readonly empty: NetlinkRequest
  readonly fill: (timeout: number) => NetlinkRequest
}[])[]

const openingOf = (owner: string): Opening =>
  OPEN_KEYS.map(([family, keys]) =>
    openSets(owner).map((set) => ({
      empty: flushSet(family, OPEN_TABLE, set),
      fill: timedElements(family, OPEN_TABLE, set, keys),
    })),
  )

function openOwner(owner: string, lease: Lease, turn: 0 | 1, timeout: number, all: boolean): readonly NetlinkRequest[] {
  lease.opening ??= openingOf(owner)
  return lease.opening.flatMap((sets) => [
    ...sets.flatMap(({ empty }, at) => (all || at === turn ? [empty] : [])),
    ...sets.flatMap(({ fill }, at) => (at === turn ? [fill(timeout)] : [])),
  ])
}

/** Also for what is admitted. */
export const closeOwner = (owner: string): readonly NetlinkRequest[] => [
  ...OPEN_KEYS.flatMap(([family]) => openSets(owner).map((set) => flushSet(family, OPEN_TABLE, set))),
  ...endAdmission(owner),
]
