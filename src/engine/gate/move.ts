import { err, ok } from '../../shared/result.ts'
import { type Micros, ZERO } from '../../shared/units.ts'
import type { Owner } from './address.ts'
import type { HandOnPath } from './hand-on-table.ts'
import { closeOwner, type Lease } from './lease.ts'
import { type Admitted, admitting, handingOn, left } from './move-requests.ts'
import { describe } from './set-up.ts'
import type { Step } from './step.ts'

/** The gate's share of a planned move. */

export const admission = (now: () => Micros, owner: string, lease: Lease, admitted: Admitted): Step => ({
  ask: () => {
    const asked = now()
    if (left(admitted.until, asked) < 1) return err(`the gate of ${owner} admits nothing: the time is over`)
    return ok(admitting(owner, admitted, asked))
  },
  answered: (reply) => {
    if (!reply.ok) return err(`the gate of ${owner} cannot admit: ${describe(reply.error)}`)
    lease.admitted = admitted
    return reply
  },
})

/** Closed and handed on, in one transaction. */
export function handOver(now: () => Micros, owner: Owner, lease: Lease, path: HandOnPath, until: Micros): Step {
  const { name, addresses } = owner
  const moved = { path, addresses: addresses.filter(({ version }) => version === 4).map(({ bytes }) => bytes), until }
  const before = lease.moved
  return {
    ask: () => {
      const asked = now()
      if (left(until, asked) < 1) return err(`the gate of ${name} hands nothing on: the time is over`)
      return ok([...closeOwner(name), ...handingOn(name, moved, before, asked)])
    },
    answered: (reply) => {
      if (!reply.ok && reply.error.code === 'ENOENT' && before !== undefined) {
        // Somebody else has removed the table of the move before.
        lease.moved = undefined
        return handOver(now, owner, lease, path, until)
      }
      if (!reply.ok) return err(`the gate of ${name} cannot hand on: ${describe(reply.error)}`)
      lease.moved = moved
      lease.until = ZERO
      lease.admitted = undefined
      return reply
    },
  }
}
