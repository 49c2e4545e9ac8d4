import { ok, type Result } from '../../shared/result.ts'
import { type NetlinkSocket, openNetlink } from '../io/netlink.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import type { Owner } from './address.ts'
import { watchTables } from './events.ts'
import type { Lease } from './lease.ts'
import { NETLINK_NETFILTER } from './nftables.ts'
import type { Table } from './tables.ts'

/** One life of the netlink socket that owns the tables of what is open: when it is closed, all is closed. */
export type Session = {
  readonly socket: NetlinkSocket
  /** What should be there; empty before the first preparation. */
  tables: readonly Table[]
  leases: ReadonlyMap<string, Lease>
  owners: readonly Owner[]
  readonly close: () => void
}

export type SessionOptions = {
  /** Somebody else changed one of our tables. */
  readonly onForeign: (what: string) => void
  /** Events were lost: the tables must be read again. */
  readonly onOverflow: () => void
  /** The socket failed. */
  readonly onDead: (failure: NetlinkFailure) => void
}

/** The gate is set up in one transaction, about 3 KiB for each owner. */
const LARGEST_TRANSACTION = 1 << 23

export function openSession({ onForeign, onOverflow, onDead }: SessionOptions): Result<Session, NetlinkFailure> {
  const socket = openNetlink({ protocol: NETLINK_NETFILTER, onLost: onDead, largest: LARGEST_TRANSACTION })
  if (!socket.ok) return socket
  const watch = watchTables({ port: socket.value.port, onForeign, onLost: onOverflow })
  if (!watch.ok) {
    socket.value.close()
    return watch
  }
  const close = (): void => {
    watch.value.close()
    socket.value.close()
  }
  return ok({ socket: socket.value, tables: [], leases: new Map(), owners: [], close })
}
