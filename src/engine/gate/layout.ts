import type { Owner } from './address.ts'
import { closedArp, closedInet } from './closed-tables.ts'
import { openArp, openInet } from './open-tables.ts'
import type { Table } from './tables.ts'

/** PURE: the gate's four tables for these owners. */
export function layOut(owners: readonly Owner[]): readonly Table[] {
  const bytesOf = (version: 4 | 6): readonly Uint8Array[] =>
    owners.flatMap(({ addresses }) => addresses.filter((each) => each.version === version).map(({ bytes }) => bytes))
  return [closedInet(bytesOf(4), bytesOf(6)), closedArp(bytesOf(4)), openInet(owners), openArp(owners)]
}
