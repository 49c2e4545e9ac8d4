import { getSystemErrorName } from 'node:util'
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

/** `code` is an errno name, or DUMP_INTERRUPTED (something changed while it was read: ask again). */
export type NetlinkFailure = { readonly code: string; readonly message: string }

export type NetlinkReply = Result<readonly NetlinkMessage[], NetlinkFailure>

export type Exchange = {
  /** One at a time: the next begins when the last is answered or timed out. */
  readonly transact: (requests: readonly NetlinkRequest[]) => Promise<readonly NetlinkReply[]>
  readonly receive: (datagram: Uint8Array) => void
  /** Answers all that is pending with the failure. */
  readonly failAll: (failure: NetlinkFailure) => void
  readonly close: () => void
}

type ExchangeOptions = {
  readonly send: (messages: readonly Uint8Array[]) => void
  readonly onEvent: (message: NetlinkMessage) => void
  readonly onInvalid: (reason: string) => void
  /** Milliseconds. */
  readonly timeout: number
}

type Pending = {
  readonly messages: NetlinkMessage[]
  interrupted: boolean
  readonly settle: (reply: NetlinkReply) => void
}

const closedFailure: NetlinkFailure = { code: 'EBADF', message: 'the netlink socket is closed' }

/** Matches replies to requests by their sequence numbers; what matches none is an event. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { send, timeout } = options
  const pending = new Map<number, Pending>()
  let lastSeq = 0
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const failAll = (failure: NetlinkFailure): void => {
    for (const each of [...pending.values()]) each.settle(err(failure))
  }
  const sequence = (at: number): number => ((lastSeq + at) % 0xffffffff) + 1
  const transactNow = async (requests: readonly NetlinkRequest[]): Promise<readonly NetlinkReply[]> => {
    if (closed) return requests.map(() => err(closedFailure))
    const numbered = requests.map((request, at) => ({ request, seq: sequence(at) }))
    lastSeq = numbered.at(-1)?.seq ?? lastSeq
    const replies = numbered.map(({ seq }) => awaitReply(pending, seq))
    const cancelTimeout = afterTimeout(timeout, () =>
      failAll({ code: 'ETIMEDOUT', message: `the kernel did not answer within ${timeout} ms` }),
    )
    send(numbered.map(({ request, seq }) => encodeMessage(request, seq)))
    const settled = await Promise.all(replies)
    cancelTimeout()
    return settled
  }

  return {
    // A second dump on one socket would be refused (EBUSY).
    transact: (requests) => {
      const turn = last.then(() => transactNow(requests))
      last = turn
      return turn
    },
    receive: (datagram) => {
      if (!closed) receive(datagram, pending, options)
    },
    failAll,
    close: () => {
      closed = true
      failAll(closedFailure)
    },
  }
}

function receive(
  datagram: Uint8Array,
  pending: ReadonlyMap<number, Pending>,
  { onEvent, onInvalid }: Pick<ExchangeOptions, 'onEvent' | 'onInvalid'>,
): void {
  const messages = decodeMessages(datagram)
  if (!messages.ok) {
    onInvalid(messages.error)
    return
  }
  for (const message of messages.value) {
    const asked = pending.get(message.seq)
    if (asked === undefined) onEvent(message)
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
  if (status < 0) {
    const code = getSystemErrorName(status)
    asked.settle(err({ code, message: `the kernel refused: ${code}` }))
  } else if (asked.interrupted) {
    asked.settle(err({ code: 'DUMP_INTERRUPTED', message: 'the dump was interrupted' }))
  } else {
    asked.settle(ok(asked.messages))
  }
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
function afterTimeout(ms: number, action: () => void): () => void {
  let cancelled = false
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (!cancelled) action()
    })
  }, ms)
  return () => {
    cancelled = true
    clearTimeout(timer)
  }
}
