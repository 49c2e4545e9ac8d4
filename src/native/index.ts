import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { EXIT, messageOf, UserError } from '../shared/errors.ts'
import { packageRoot } from '../shared/package-root.ts'

/** What an interface is right now; the numbers are the kernel's (linux/if.h, linux/if_arp.h). */
export type InterfaceFacts = {
  readonly index: number
  /** ARPHRD_*: 1 = Ethernet. */
  readonly hardwareType: number
  readonly hardwareAddress: Uint8Array
  /** IFF_*, the low 16 bits. */
  readonly flags: number
}

/**
 * The addon's functions. Each throws a TypeError (`ERR_INVALID_ARG`) for wrong arguments and otherwise an Error whose
 * `code` is the errno name and whose `syscall` is the call that failed.
 */
export type Native = {
  readonly version: number
  /** ENODEV when there is no such interface. */
  readonly interfaceByName: (name: string) => InterfaceFacts
  /** ENODEV when no interface has this index. */
  readonly nameOfInterface: (index: number) => string
  /** An AF_PACKET descriptor that only sends. Needs CAP_NET_RAW (else EPERM). */
  readonly openPacketSocket: () => number
  /** Hands one whole link-layer frame to the kernel; never blocks. ENETDOWN, ENXIO, ENOBUFS. */
  readonly sendFrame: (descriptor: number, interfaceIndex: number, frame: Uint8Array) => void
  /**
   * Hears ARP on every interface, from senders with one of the addresses (4 bytes each, 1024 at most) and probes (RFC
   * 5227) for one of them; what this machine sends is not heard. Gets the interface's index and the whole frame without
   * padding, 42 bytes. Returns the function that ends it. Needs CAP_NET_RAW (else EPERM).
   */
  readonly watchArp: (addresses: Uint8Array, onFrame: (interfaceIndex: number, frame: Uint8Array) => void) => () => void
  /** A socket that sends datagrams to unix sockets and receives none. */
  readonly openUnixDatagramSocket: () => number
  /**
   * Sends one datagram to `/path` or `@abstract-name`; never blocks. ENOENT and ECONNREFUSED when nobody listens, EAGAIN
   * when the receiver is full, EMSGSIZE.
   */
  readonly sendUnixDatagram: (descriptor: number, name: string, data: Uint8Array) => void
  readonly closeDescriptor: (descriptor: number) => void
  /**
   * Sets up to eight descriptors aside for packet sockets, and returns them. Of a dead process the kernel closes the highest
   * descriptor first, and packet sockets slowly: what is opened after this call is closed before them. What this process has
   * inherited beside its standard streams becomes close-on-exec: no command gets it.
   */
  readonly reserveDescriptors: () => readonly number[]
  /** Makes this process's raw sockets of an IP protocol close-on-exec; returns how many there are. */
  readonly sealRawSockets: (protocol: number) => number
  /**
   * Keeps an overflow of this process's netlink socket with that protocol and port from becoming an error of the socket;
   * returns its descriptor. ENOENT when there is none.
   */
  readonly surviveOverflow: (protocol: number, port: number) => number
  /**
   * Lets this process's netlink socket with that protocol and port send datagrams of so many bytes, beyond net.core.wmem_max.
   * Needs CAP_NET_ADMIN (else EPERM).
   */
  readonly allowNetlinkMessages: (protocol: number, port: number, bytes: number) => void
  /** How many messages the kernel could not queue on this socket so far. */
  readonly netlinkDrops: (descriptor: number) => number
  /**
   * Creates the file (mode 0600) if need be and locks it (flock(2)); returns the close-on-exec descriptor that holds the
   * lock. EAGAIN when somebody holds it; EPERM when the file is not this user's alone; ELOOP for a symbolic link.
   */
  readonly lockFile: (path: string) => number
  /**
   * A timer of microseconds. Returns the function that arms it with a time of CLOCK_MONOTONIC in microseconds, in the place
   * of the one before; 0 disarms. It calls once for each time it was armed, at that time or later, never within `arm`, and
   * keeps the process alive until then.
   */
  readonly openTimer: (onFire: () => void) => (deadline: number) => void
  /**
   * Calls once, when this process has ended (a zombie has), whoever its parent is. Returns the function that ends the
   * watch. ESRCH when there is no such process, ENOSYS where the kernel has no pidfd (before Linux 5.3), EINVAL for a
   * thread's number.
   */
  readonly watchExit: (pid: number, onExit: () => void) => () => void
}

/** As in addon.c. */
const VERSION = 9

let loaded: Native | undefined

/** The addon, loaded at the first call. Throws a UserError that says how to build it when it is missing or stale. */
export function native(): Native {
  loaded ??= loadAddon(packageRoot())
  return loaded
}

/** Where the addon may stand, for sources (src/native/build) and for an installed package (build). */
export const addonCandidates = (root: string): readonly string[] =>
  ['src/native/build', 'build'].map((directory) => join(root, directory, 'Release', 'haup_native.node'))

/** Loads the first addon that exists under `root`; exported for its test. */
export function loadAddon(root: string): Native {
  const path = addonCandidates(root).find((candidate) => existsSync(candidate))
  if (path === undefined) throw unusable('is missing')
  const addon = requireAddon(path)
  if (addon.version !== VERSION) throw unusable(`has version ${addon.version} where ${VERSION} is needed`)
  return addon
}

function requireAddon(path: string): Native {
  try {
    return createRequire(import.meta.url)(path)
  } catch (thrown) {
    throw unusable(`cannot be loaded: ${messageOf(thrown)}`, thrown)
  }
}

const unusable = (what: string, cause?: unknown): UserError =>
  new UserError(`haup's native part ${what}`, {
    code: 'native.unusable',
    exitCode: EXIT.environment,
    nextSteps: ['Build it with "npm run setup", or install the haup package again.'],
    cause,
  })

/** The errno name of what the addon (or Node) threw; undefined for anything else. */
export const errnoCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
