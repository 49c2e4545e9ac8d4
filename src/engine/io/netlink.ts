import { RawNetlinkSocket } from 'netlink/dist/raw.js'
import { errnoCode, native } from '../../native/index.ts'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { type BatchReply, createExchange, type NetlinkFailure, type NetlinkReply } from './netlink-exchange.ts'
import { concat, type NetlinkMessage, type NetlinkRequest } from './netlink-message.ts'
import { watchOverflow } from './netlink-overflow.ts'

/**
 * The only file that imports the npm package `netlink`. It uses the package's socket (that file alone: the others, two
 * megabytes of generated code, would stay in memory) and does the rest itself, because
 * the package's own request layer loses what we must know: the errno as a code, the status of a dump's end, the mark of
 * an interrupted dump, and attributes younger than the package.
 *
 * Reading needs no capability; changing addresses needs CAP_NET_ADMIN (else EPERM in the reply).
 */
export type NetlinkSocket = {
  /** Sends all requests in one datagram (each with NLM_F_ACK or NLM_F_DUMP); resolves to one reply for each, in order. */
  readonly transact: (requests: readonly NetlinkRequest[]) => Promise<readonly NetlinkReply[]>
  /** All or nothing, as nf_tables has it; see `Exchange`. */
  readonly transactBatch: (requests: readonly NetlinkRequest[]) => Promise<BatchReply>
  /** The socket's netlink port: how the kernel names it as the owner or the maker of something. */
  readonly port: number
  readonly close: () => void
}

export type NetlinkOptions = {
  /** NETLINK_ROUTE = 0, NETLINK_NETFILTER = 12, NETLINK_GENERIC = 16. */
  readonly protocol: number
  readonly groups?: readonly number[]
  /** Messages that answer no request of ours. */
  readonly onEvent?: (message: NetlinkMessage) => void
  /** Events were lost (ENOBUFS) or the socket failed: what is known must be read again. */
  readonly onLost?: (failure: NetlinkFailure) => void
  /** Bytes that one datagram may have, where `net.core.wmem_max` allows less; needs CAP_NET_ADMIN. */
  readonly largest?: number
  /** For one `transact`, in milliseconds. */
  readonly timeout?: number
}

const DEFAULT_TIMEOUT = 2_000
/** Asked for; the kernel gives at most net.core.rmem_max. */
const RECEIVE_BUFFER = 1 << 20
const SEND_BUFFER = 1 << 18

const OVERFLOW: NetlinkFailure = { code: 'ENOBUFS', message: 'more came than the socket could hold' }

/** The socket keeps the process alive until it is closed. */
export function openNetlink(options: NetlinkOptions): Result<NetlinkSocket, NetlinkFailure> {
  let socket: RawNetlinkSocket | undefined
  try {
    socket = new RawNetlinkSocket(options.protocol, {
      recvBufferSize: RECEIVE_BUFFER,
      sendBufferSize: SEND_BUFFER,
    })
    for (const group of options.groups ?? []) socket.addMembership(group)
    return ok(operate(socket, options))
  } catch (thrown) {
    socket?.close()
    return err({ code: codeOf(thrown), message: `no netlink socket: ${messageOf(thrown)}` })
  }
}

function operate(socket: RawNetlinkSocket, options: NetlinkOptions): NetlinkSocket {
  let closed = false
  const exchange = createExchange({
    send: (messages) => {
      const fail = (thrown: unknown): void => exchange.failAll({ code: codeOf(thrown), message: messageOf(thrown) })
      try {
        // As one piece: the kernel takes at most 1024 of them (UIO_MAXIOV).
        socket.send(asBuffer(concat(messages)), {}, (error) => (error === undefined ? undefined : fail(error)))
      } catch (thrown) {
        // The package has closed the socket after a polling error.
        fail(thrown)
      }
    },
    onEvent: (message) => options.onEvent?.(message),
    onInvalid: (reason) => lost({ code: 'EBADMSG', message: reason }),
    timeout: options.timeout ?? DEFAULT_TIMEOUT,
  })
  const lost = (failure: NetlinkFailure): void => {
    exchange.failAll(failure)
    if (!closed) options.onLost?.(failure)
  }
  socket.on('message', (bytes, from) => {
    // Only the kernel (port 0) is listened to.
    if (from.port === 0) guarded(() => exchange.receive(bytes))
  })
  socket.on('truncatedMessage', () => guarded(() => lost({ code: 'EMSGSIZE', message: 'a netlink message was cut' })))
  socket.on('error', (error) =>
    guarded(() => {
      // After a polling error the package has closed the descriptor.
      overflow?.close()
      lost({ code: codeOf(error), message: messageOf(error) })
    }),
  )
  const { port } = socket.address()
  if (options.largest !== undefined) allowLarge(options.protocol, port, options.largest)
  // A socket that nobody but we make talk cannot overflow: it gets what it asks for.
  const listens = options.groups !== undefined && options.groups.length > 0
  const overflow = listens ? watchOverflow(options.protocol, port, () => lost(OVERFLOW)) : undefined
  return {
    transact: exchange.transact,
    transactBatch: exchange.transactBatch,
    port,
    close: () => {
      if (closed) return
      closed = true
      overflow?.close()
      exchange.close()
      // Not at once: the package's addon does not survive being closed inside its own callback.
      setImmediate(() => socket.close())
    },
  }
}

/** Without the capability what the socket is for is refused as well, and says so. */
function allowLarge(protocol: number, port: number, bytes: number): void {
  try {
    native().allowNetlinkMessages(protocol, port, bytes)
  } catch (thrown) {
    if (errnoCode(thrown) !== 'EPERM') throw thrown
  }
}

/** An exception must not pass through the addon's callback (it would abort the process): it surfaces as uncaught. */
function guarded(action: () => void): void {
  try {
    action()
  } catch (thrown) {
    setImmediate(() => {
      throw thrown
    })
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'UNKNOWN'
