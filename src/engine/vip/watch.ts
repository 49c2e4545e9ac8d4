import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { formatPrefix } from '../../shared/ip.ts'
import { ok, type Result } from '../../shared/result.ts'
import { type NetlinkSocket, openNetlink } from '../io/netlink.ts'
import { dumpOnce } from '../io/netlink-dump.ts'
import type { NetlinkFailure } from '../io/netlink-exchange.ts'
import {
  type AddressEvent,
  decodeAddress,
  decodeAddressEvent,
  dumpAddresses,
  type KernelAddress,
  NETLINK_ROUTE,
  RTNLGRP_IPV4_IFADDR,
} from '../io/rtnetlink.ts'
import type { BoundAddress, SeenAddress, WatchAddresses } from '../ports.ts'
import { describeCulprit } from './culprit.ts'
import { kernelInterfaces } from './interfaces.ts'
import { type Managers, readManagers } from './managers.ts'
import { findOrigin } from './origin.ts'
import { isOurs } from './tag.ts'

const RETRY_MS = 1_000
/** Between two readings, so that hundreds of changes in a row do not lead to as many. */
const PAUSE_MS = 20

/**
 * Reads all addresses again after every event of RTNLGRP_IPV4_IFADDR that changes one, and when events were lost. What comes while it
 * reads leads to one more reading, so that the last report is always true. Needs no capability.
 */
export const watchAddresses: WatchAddresses = async (onChange, onTrouble) => {
  const removals = createRemovals()
  let session: Session | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false

  const restart = ({ message }: NetlinkFailure): void => {
    session?.close()
    session = undefined
    if (closed) return
    onTrouble(`changes of addresses are not seen for a moment: ${message}`)
    clearTimeout(retry)
    retry = setTimeout(() => void start(), RETRY_MS)
  }
  const start = async (): Promise<void> => {
    const begun = await beginSession({
      onEvent: removals.note,
      onAll: (seen) => (closed ? undefined : onChange(seen)),
      onDead: restart,
    })
    if (!begun.ok) restart(begun.error)
    else if (closed) begun.value.close()
    else session = begun.value
  }

  await start()
  return {
    whoRemoved: async (address) => describeCulprit(address.interface, removals.of(address), await managersOf(address)),
    originOf: ({ address, interface: name }) => findOrigin(address.address, name),
    close: () => {
      closed = true
      clearTimeout(retry)
      session?.close()
    },
  }
}

type Session = { readonly close: () => void }

type SessionHandlers = {
  readonly onEvent: (event: AddressEvent) => void
  readonly onAll: (seen: readonly SeenAddress[]) => void
  readonly onDead: (failure: NetlinkFailure) => void
}

/** One socket's life; resolves after the first reading. */
async function beginSession({ onEvent, onAll, onDead }: SessionHandlers): Promise<Result<Session, NetlinkFailure>> {
  let reading = false
  let overtaken = false
  let ended = false
  /** What was last read. */
  let last: ReadonlyMap<string, Known> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  const readAgain = (): void => {
    overtaken = true
    if (!reading && opened.ok) void readAll(opened.value).then((read) => (read.ok ? undefined : die(read.error)))
  }
  const die = (failure: NetlinkFailure): void => {
    if (ended) return
    ended = true
    onDead(failure)
  }
  const readAll = async (socket: NetlinkSocket): Promise<Result<void, NetlinkFailure>> => {
    reading = true
    try {
      do {
        const wait = readAt + PAUSE_MS - performance.now()
        if (wait > 0) await delay(wait)
        overtaken = false
        const seen = await readSeen(socket)
        if (!seen.ok) return seen
        readAt = performance.now()
        last = new Map(seen.value.map((each) => [keyOf(each), each]))
        if (!ended) onAll(seen.value.map(({ interfaceIndex: _, ...each }) => each))
      } while (overtaken && !ended)
      return ok(undefined)
    } finally {
      reading = false
    }
  }
  const opened = openNetlink({
    protocol: NETLINK_ROUTE,
    groups: [RTNLGRP_IPV4_IFADDR],
    onEvent: (message) => {
      const event = decodeAddressEvent(message)
      // A lifetime renewed, by haup itself as a rule. Events come in order: what was last read is still true.
      if (event === undefined || (!reading && event.kind === 'set' && isKnown(last, event))) return
      onEvent(event)
      readAgain()
    },
    onLost: readAgain,
  })
  if (!opened.ok) return opened
  const close = (): void => {
    ended = true
    opened.value.close()
  }
  const read = await readAll(opened.value)
  if (!read.ok) close()
  return read.ok ? ok({ close }) : read
}

type Known = SeenAddress & Pick<KernelAddress, 'interfaceIndex'>

const keyOf = ({ interfaceIndex, address }: Pick<KernelAddress, 'interfaceIndex' | 'address'>): string =>
  `${interfaceIndex} ${formatPrefix(address)}`

function isKnown(last: ReadonlyMap<string, Known>, { address }: AddressEvent): boolean {
  const known = last.get(keyOf(address))
  return known !== undefined && isOurs(address, known.interface) === known.ours
}

async function readSeen(socket: NetlinkSocket): Promise<Result<readonly Known[], NetlinkFailure>> {
  const dump = await dumpOnce(socket, dumpAddresses())
  if (!dump.ok) return dump
  const names = new Map<number, string | undefined>()
  return ok(
    dump.value.flatMap((message) => {
      const found = decodeAddress(message)
      if (found === undefined) return []
      const { interfaceIndex: index, address } = found
      if (!names.has(index)) names.set(index, kernelInterfaces.nameOf(index))
      const name = names.get(index)
      return name === undefined ? [] : [{ interface: name, interfaceIndex: index, address, ours: isOurs(found, name) }]
    }),
  )
}

/** The last change of an address: by which process, and which program that is if it could still be seen. */
export type Removal = { readonly pid: number | undefined; readonly program: string | undefined }

/** Addresses whose removal is remembered; the oldest is forgotten first. */
const REMEMBERED = 256

function createRemovals() {
  const removals = new Map<string, Removal>()
  return {
    note: ({ address, port }: AddressEvent): void => {
      const key = address.address.address
      removals.delete(key)
      const oldest = removals.keys().next().value
      if (removals.size >= REMEMBERED && oldest !== undefined) removals.delete(oldest)
      const pid = pidOf(port)
      removals.set(key, { pid, program: programOf(pid) })
    },
    of: ({ address }: BoundAddress): Removal | undefined => removals.get(address.address),
  }
}

/**
 * The kernel gives the first netlink socket of a process the number of the process; libraries that choose (libnl's, also
 * that of NetworkManager) put it into the low 22 bits; what the kernel makes up is beyond 2^31 (net/netlink/af_netlink.c).
 */
function pidOf(port: number): number | undefined {
  const pid = port & 0x3f_ffff
  return port >= 2 ** 31 || pid === 0 ? undefined : pid
}

let ownProgram: string | undefined

/** Read at once and without waiting: `ip` lives for a few milliseconds more. */
function programOf(pid: number | undefined): string | undefined {
  if (pid !== process.pid) return read(pid)
  ownProgram ??= read(pid)
  return ownProgram
}

function read(pid: number | undefined): string | undefined {
  try {
    return pid === undefined ? undefined : readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

async function managersOf({ interface: name }: BoundAddress): Promise<Managers> {
  const index = kernelInterfaces.indexOf(name)
  return readManagers(name, index.ok ? index.value : undefined)
}
