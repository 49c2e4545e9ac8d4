import { getSystemErrorName } from 'node:util'
import { RawNetlinkSocket } from 'netlink'
import { messageOf } from '../../shared/errors.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import {
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  type NetlinkRequest,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  statusOf,
} from './netlink-message.ts'

/**
 * The only file that imports the npm package `netlink`. It uses the package's socket and does the rest itself, because
 * the package's own request layer loses what we must know: the errno as a code, the status of a dump's end, the mark of
 * an interrupted dump, and attributes younger than the package.
 *
 * Reading needs no capability; changing addresses needs CAP_NET_ADMIN (else EPERM in the reply).
 */

/** `code` is an errno name, or ETIMEDOUT, or DUMP_INTERRUPTED (something changed meanwhile: ask again). */
export type NetlinkFailure = { readonly code: string; readonly message: string }

export type NetlinkReply = Result<readonly NetlinkMessage[], NetlinkFailure>

export type NetlinkSocket = {
  /** Sends all requests in one datagram (each with NLM_F_ACK or NLM_F_DUMP); resolves to one reply for each, in order. */
  readonly transact: (requests: readonly NetlinkRequest[]) => Promise<readonly NetlinkReply[]>
  readonly close: () => void
}

export type NetlinkOptions = {
  /** NETLINK_ROUTE = 0, NETLINK_GENERIC = 16. */
  readonly protocol: number
  readonly groups?: readonly number[]
  /** Messages that answer no request of ours. */
  readonly onEvent?: (message: NetlinkMessage) => void
  /** Events were lost (ENOBUFS) or the socket failed: what is known must be read again. */
  readonly onLost?: (failure: NetlinkFailure) => void
  /** For one `transact`, in milliseconds. */
  readonly timeout?: number
}

type Pending = {
  readonly messages: NetlinkMessage[]
  interrupted: boolean
  readonly settle: (reply: NetlinkReply) => void
}

const DEFAULT_TIMEOUT = 2_000
/** Asked for; the kernel gives at most net.core.rmem_max. */
const RECEIVE_BUFFER = 1 << 20
const SEND_BUFFER = 1 << 18

export function openNetlink(options: NetlinkOptions): Result<NetlinkSocket, NetlinkFailure> {
  let socket: RawNetlinkSocket
  try {
    socket = new RawNetlinkSocket(options.protocol, { recvBufferSize: RECEIVE_BUFFER, sendBufferSize: SEND_BUFFER })
    for (const group of options.groups ?? []) socket.addMembership(group)
  } catch (thrown) {
    return err({ code: codeOf(thrown), message: `no netlink socket: ${messageOf(thrown)}` })
  }
  return ok(operate(socket, options))
}

function operate(socket: RawNetlinkSocket, options: NetlinkOptions): NetlinkSocket {
  const pending = new Map<number, Pending>()
  let seq = 0
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const failAll = (failure: NetlinkFailure): void => {
    for (const each of [...pending.values()]) each.settle(err(failure))
  }
  const lost = (failure: NetlinkFailure): void => {
    failAll(failure)
    if (!closed) options.onLost?.(failure)
  }
  socket.on('message', (bytes, from) => {
    // Only the kernel (port 0) is listened to.
    if (from.port === 0 && !closed) guarded(() => receive(bytes, pending, options, lost))
  })
  socket.on('truncatedMessage', () => guarded(() => lost({ code: 'EMSGSIZE', message: 'a netlink message was cut' })))
  socket.on('error', (error) => guarded(() => lost({ code: codeOf(error), message: messageOf(error) })))

  const transactNow = async (requests: readonly NetlinkRequest[]): Promise<readonly NetlinkReply[]> => {
    if (closed) return requests.map(() => err({ code: 'EBADF', message: 'the netlink socket is closed' }))
    const sequence = requests.map(() => (seq = (seq % 0xffffffff) + 1))
    const replies = sequence.map((each) => awaitReply(pending, each))
    const cancelTimeout = afterTimeout(options.timeout ?? DEFAULT_TIMEOUT, (ms) =>
      failAll({ code: 'ETIMEDOUT', message: `the kernel did not answer within ${ms} ms` }),
    )
    const data = requests.map((request, at) => Buffer.from(encodeMessage(request, sequence[at] ?? 0)))
    socket.send(data, {}, (error) => {
      if (error !== undefined) failAll({ code: codeOf(error), message: messageOf(error) })
    })
    const settled = await Promise.all(replies)
    cancelTimeout()
    return settled
  }

  return {
    // One at a time: a second dump on one socket would be refused (EBUSY).
    transact: (requests) => {
      const turn = last.then(() => transactNow(requests))
      last = turn
      return turn
    },
    close: () => {
      if (closed) return
      closed = true
      failAll({ code: 'EBADF', message: 'the netlink socket was closed' })
      // Not at once: the package's addon does not survive being closed inside its own callback.
      setImmediate(() => socket.close())
    },
  }
}

function receive(
  bytes: Uint8Array,
  pending: ReadonlyMap<number, Pending>,
  options: NetlinkOptions,
  lost: (failure: NetlinkFailure) => void,
): void {
  const messages = decodeMessages(bytes)
  if (!messages.ok) {
    lost({ code: 'EBADMSG', message: messages.error })
    return
  }
  for (const message of messages.value) {
    const asked = pending.get(message.seq)
    if (asked === undefined) options.onEvent?.(message)
    else take(asked, message)
  }
}

function take(asked: Pending, message: NetlinkMessage): void {
  asked.interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
  if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
    asked.messages.push(message)
    return
  }
  const status = statusOf(message) ?? 0
  if (status < 0) asked.settle(err({ code: errnoName(status), message: `the kernel refused: ${errnoName(status)}` }))
  else if (asked.interrupted) asked.settle(err({ code: 'DUMP_INTERRUPTED', message: 'the dump was interrupted' }))
  else asked.settle(ok(asked.messages))
}

const awaitReply = (pending: Map<number, Pending>, seq: number): Promise<NetlinkReply> =>
  new Promise((resolve) => {
    const settle = (reply: NetlinkReply): void => {
      pending.delete(seq)
      resolve(reply)
    }
    pending.set(seq, { messages: [], interrupted: false, settle })
  })

/** After a stall of the loop the timer runs before the socket is read, so it gives the socket one more turn. */
function afterTimeout(ms: number, action: (ms: number) => void): () => void {
  let cancelled = false
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (!cancelled) action(ms)
    })
  }, ms)
  return () => {
    cancelled = true
    clearTimeout(timer)
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

const errnoName = (status: number): string => getSystemErrorName(status)

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'UNKNOWN'
