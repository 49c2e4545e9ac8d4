import { setTimeout } from 'node:timers/promises'
import { err, ok, type Result } from '../../shared/result.ts'
import type { NetlinkSocket } from '../io/netlink.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { NetlinkRequest } from '../io/netlink-message.ts'
import type { GateReadiness } from '../ports.ts'
import { createTables } from './layout-requests.ts'
import { batch, deleteTable } from './nftables.ts'
import { type FoundTable, readTables, title, verifyTables } from './read-back.ts'
import { CLOSED_TABLE, isHandOnTable, OPEN_TABLE, type Table } from './tables.ts'

type Ready = Result<GateReadiness, string>

/**
 * Replaces what an earlier call or an earlier engine made, in one transaction, and reads back. `reopen` is asked for what
 * belongs into the same transaction just before it is sent. Tables of moves with a name in `kept` stay as they are.
 */
export async function setUp(
  socket: NetlinkSocket,
  tables: readonly Table[],
  kept: ReadonlySet<string>,
  reopen: () => readonly NetlinkRequest[],
): Promise<Ready> {
  const found = await readWithoutDying(socket)
  if (!found.ok) return refused(found.error, [...WITHOUT_NF_TABLES, 'EINVAL'])
  const stranger = found.value.find((table) => isNamedLikeOurs(tables, table) && !isOurs(socket, table))
  if (stranger !== undefined) return err(describeStranger(stranger))
  const stale = found.value.filter((table) => isOurs(socket, table) && !kept.has(table.name))
  const removal = stale.map((table) => deleteTable(table.family, table.name))
  const creation = createTables(tables)
  const made = await socket.transactBatch(batch([...removal, ...creation, ...reopen()]))
  // ENOENT is an expression or a family that the kernel does not have, unless it is about a table to be deleted.
  if (!made.ok) return refused(made.error, made.error.at > stale.length ? [...WITHOUT_NF_TABLES, 'ENOENT'] : [])
  const verified = await verifyTables(socket, tables)
  return verified.ok ? ok({ kind: 'ready' }) : err(`the gate is not as it was made: ${verified.error}`)
}

const PATIENCE_MS = 1_000
const PAUSE_MS = 20

/** The kernel removes the tables of a socket that was closed just now only after a moment. */
async function readWithoutDying(socket: NetlinkSocket): ReturnType<typeof readTables> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const found = await readTables(socket)
    const dying = found.ok && found.value.some((table) => isOpenTable(table) && table.owner !== socket.port)
    if (!dying || waited >= PATIENCE_MS) return found
    await setTimeout(PAUSE_MS)
  }
}

/** Removes the gate's tables, but for those in `kept`, and nothing else; the error names what is left. */
export async function tearDown(
  socket: NetlinkSocket,
  kept: ReadonlySet<string> = new Set(),
): Promise<Result<void, string>> {
  const goes = (table: FoundTable): boolean => isOurs(socket, table) && !kept.has(table.name)
  const found = await readTables(socket)
  if (!found.ok) return WITHOUT_NF_TABLES.includes(found.error.code) ? ok(undefined) : err(found.error.message)
  const ours = found.value.filter(goes)
  if (ours.length === 0) return ok(undefined)
  const removed = await socket.transactBatch(batch(ours.map((table) => deleteTable(table.family, table.name))))
  if (!removed.ok) return err(`cannot remove the gate: ${describe(removed.error)}`)
  const after = await readTables(socket)
  const left = after.ok ? after.value.find(goes) : undefined
  return left === undefined ? ok(undefined) : err(`${title(left)} is still there after it was removed`)
}

/** How kernels say that they have no nf_tables, no owned tables (before 5.12) or not the family. */
const WITHOUT_NF_TABLES: readonly string[] = ['ENOTSUP', 'EOPNOTSUPP', 'ENOPROTOOPT', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']

export const refused = (failure: NetlinkFailure, unsupported: readonly string[] = WITHOUT_NF_TABLES): Ready =>
  unsupported.includes(failure.code)
    ? ok({ kind: 'unsupported', reason: `the kernel's nf_tables cannot do it (${failure.code})` })
    : err(`cannot set up the gate: ${describe(failure)}`)

export const describe = ({ code, message }: NetlinkFailure): string =>
  code === 'EPERM' ? 'EPERM: haup needs the capability CAP_NET_ADMIN' : message

const isNamedLikeOurs = (tables: readonly Table[], found: FoundTable): boolean =>
  tables.some((table) => table.family === found.family && table.name === found.name)

/** An owned table belongs to whoever made it, whatever tag it carries. */
const isOurs = (socket: NetlinkSocket, found: FoundTable): boolean =>
  isOpenTable(found)
    ? found.owner === socket.port
    : found.ours && (found.name === CLOSED_TABLE || isHandOnTable(found.name))

const isOpenTable = (found: FoundTable): boolean => found.ours && found.name === OPEN_TABLE

const describeStranger = (table: FoundTable): string =>
  table.owner === undefined
    ? `${title(table)} exists and is not haup's: rename it, or remove it with "nft delete ${title(table)}"`
    : `${title(table)} belongs to another program that runs (netlink port ${table.owner}): another haup?`
