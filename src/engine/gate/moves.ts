import type { Micros } from '../../shared/units.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { Lease } from './lease.ts'
import { endHandingOn, isHandedOn, tableOf } from './move-requests.ts'
import { batch } from './nftables.ts'
import { verifyTables } from './read-back.ts'
import type { Table } from './tables.ts'

type Leases = ReadonlyMap<string, Lease>

/** The tables that hand on now, by their names. */
export function tablesOfMoves(leases: Leases, now: Micros): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>()
  for (const [owner, { moved }] of leases) {
    if (moved === undefined || !isHandedOn(moved, now)) continue
    const table = tableOf(owner, moved, now)
    tables.set(table.name, table)
  }
  return tables
}

/** Those of them that are in the kernel as they should be. */
export async function standingMoves(socket: NetlinkSocket, leases: Leases, now: Micros): Promise<ReadonlySet<string>> {
  const standing = new Set<string>()
  for (const [name, table] of tablesOfMoves(leases, now)) {
    if ((await verifyTables(socket, [table])).ok) standing.add(name)
  }
  return standing
}

/** Removes the tables whose time is over. */
export async function removeEnded(socket: NetlinkSocket, leases: Leases, now: Micros): Promise<void> {
  for (const [owner, lease] of leases) {
    if (lease.moved === undefined || isHandedOn(lease.moved, now)) continue
    // Refused only where somebody else has removed it.
    await socket.transactBatch(batch([endHandingOn(owner)]))
    lease.moved = undefined
  }
}
