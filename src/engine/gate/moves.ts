import type { Micros } from '../../shared/units.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import { dumpOnce } from '../io/netlink-dump.ts'
import { decodeAttributes, type NetlinkMessage } from '../io/netlink-message.ts'
import { HANDED_ON } from './hand-on-table.ts'
import type { Lease } from './lease.ts'
import { endHandingOn, isHandedOn, tableOf } from './move-requests.ts'
import { batch, dumpElements, GENERIC_HEADER, NFTA_SET_ELEM_LIST_ELEMENTS } from './nftables.ts'
import { readTables, verifyTables } from './read-back.ts'
import { isHandOnTable, type Table } from './tables.ts'

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

/** The tables that hand something on, whoever has made them: the kernel does not show elements whose time is over. */
export async function livingMoves(socket: NetlinkSocket): Promise<ReadonlySet<string>> {
  const living = new Set<string>()
  const found = await readTables(socket)
  for (const { family, name, ours } of found.ok ? found.value : []) {
    if (!ours || !isHandOnTable(name)) continue
    const elements = await dumpOnce(socket, dumpElements(family, name, HANDED_ON))
    if (elements.ok && elements.value.some(hasElements)) living.add(name)
  }
  return living
}

const hasElements = ({ payload }: NetlinkMessage): boolean => {
  const list = decodeAttributes(payload.subarray(GENERIC_HEADER))?.get(NFTA_SET_ELEM_LIST_ELEMENTS)
  return list !== undefined && list.length > 0
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
