import { err, type Result } from '../../shared/result.ts'
import { type Micros, ZERO } from '../../shared/units.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { Owner } from './address.ts'
import type { HandOnPath } from './hand-on-table.ts'
import { closeOwner, type Lease } from './lease.ts'
import { type Admitted, admitting, handingOn, left } from './move-requests.ts'
import { batch } from './nftables.ts'
import { describe } from './set-up.ts'

/** The gate's share of a planned move. */

export async function admit(
  socket: NetlinkSocket,
  now: () => Micros,
  owner: string,
  lease: Lease,
  admitted: Admitted,
): Promise<Result<void, string>> {
  if (left(admitted.until, now()) < 1) return err(`the gate of ${owner} admits nothing: the time is over`)
  const done = await socket.transactBatch(batch(admitting(owner, admitted, now())))
  if (!done.ok) return err(`the gate of ${owner} cannot admit: ${describe(done.error)}`)
  lease.admitted = admitted
  return done
}

/** Closed and handed on, in one transaction. */
export async function handOn(
  socket: NetlinkSocket,
  now: () => Micros,
  owner: Owner,
  lease: Lease,
  path: HandOnPath,
  until: Micros,
): Promise<Result<void, string>> {
  const { name, addresses } = owner
  if (left(until, now()) < 1) return err(`the gate of ${name} hands nothing on: the time is over`)
  const moved = { path, addresses: addresses.filter(({ version }) => version === 4).map(({ bytes }) => bytes), until }
  const before = lease.moved
  const done = await socket.transactBatch(batch([...closeOwner(name), ...handingOn(name, moved, before, now())]))
  if (!done.ok && done.error.code === 'ENOENT' && before !== undefined) {
    // Somebody else has removed the table of the move before.
    lease.moved = undefined
    return handOn(socket, now, owner, lease, path, until)
  }
  if (!done.ok) return err(`the gate of ${name} cannot hand on: ${describe(done.error)}`)
  lease.moved = moved
  lease.until = ZERO
  lease.admitted = undefined
  return done
}
