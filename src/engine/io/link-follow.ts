import { err, ok, type Result } from '../../shared/result.ts'
import { emptyTable, type LinkTable, tableOf, tableWith, withoutReplaced } from './link-table.ts'
import { type NetlinkSocket, openNetlink } from './netlink.ts'
import { dumpOnce } from './netlink-dump.ts'
import type { NetlinkFailure } from './netlink-exchange.ts'
import { decodeLink, dumpLinks, type LinkEvent, NETLINK_ROUTE, RTNLGRP_LINK } from './rtnetlink.ts'

/** More rounds than this means that interfaces come and go all the time; what was read last is then good enough. */
const ROUNDS = 5
const RETRY_MS = 1_000

export type LinkFollower = { readonly close: () => void }

/**
 * Calls `onTable` with all interfaces, first as they are and then after each change, in the order of the kernel's
 * events. Lost events (ENOBUFS) lead to reading all again, a failed socket to a new one.
 */
export async function followLinks(onTable: (table: LinkTable) => void): Promise<Result<LinkFollower, NetlinkFailure>> {
  let table = emptyTable
  let session: Session | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false

  const become = (next: LinkTable): void => {
    if (closed) return
    table = next
    onTable(next)
  }
  const onAll = (fresh: LinkTable): void => {
    become(withoutReplaced(table, fresh))
    become(fresh)
  }
  const start = async (): Promise<Result<void, NetlinkFailure>> => {
    const begun = await beginSession({ onAll, onEvent: (event) => become(tableWith(table, event)), onDead: restart })
    if (!begun.ok) return begun
    if (closed) begun.value.close()
    else session = begun.value
    return ok(undefined)
  }
  const restart = (): void => {
    session?.close()
    if (closed) return
    retry = setTimeout(() => {
      void start().then((started) => (started.ok ? undefined : restart()))
    }, RETRY_MS)
  }

  const started = await start()
  if (!started.ok) return started
  return ok({
    close: () => {
      closed = true
      clearTimeout(retry)
      session?.close()
    },
  })
}

type Session = LinkFollower

type SessionHandlers = {
  readonly onAll: (table: LinkTable) => void
  readonly onEvent: (event: LinkEvent) => void
  readonly onDead: () => void
}

/** One socket's life: reads everything, then passes events on. */
async function beginSession(handlers: SessionHandlers): Promise<Result<Session, NetlinkFailure>> {
  let reading = false
  let overtaken = false
  const opened = openNetlink({
    protocol: NETLINK_ROUTE,
    groups: [RTNLGRP_LINK],
    onEvent: (message) => {
      const event = decodeLink(message)
      if (event === undefined) return
      if (reading) overtaken = true
      else handlers.onEvent(event)
    },
    onLost: () => {
      if (reading) overtaken = true
      else void readAll(opened.ok ? opened.value : undefined).then((read) => (read.ok ? undefined : handlers.onDead()))
    },
  })
  if (!opened.ok) return opened
  /** A dump may hold what an event has overtaken: read until no event came in between. */
  const readAll = async (socket: NetlinkSocket | undefined): Promise<Result<void, NetlinkFailure>> => {
    if (socket === undefined) return err({ code: 'EBADF', message: 'no netlink socket' })
    reading = true
    try {
      for (let round = 1; ; round += 1) {
        overtaken = false
        const dump = await dumpOnce(socket, dumpLinks())
        if (!dump.ok) return dump
        if (overtaken && round < ROUNDS) continue
        reading = false
        handlers.onAll(tableOf(dump.value.flatMap((message) => decodeLink(message) ?? [])))
        return ok(undefined)
      }
    } finally {
      reading = false
    }
  }
  const read = await readAll(opened.value)
  if (!read.ok) opened.value.close()
  return read.ok ? ok({ close: opened.value.close }) : read
}
