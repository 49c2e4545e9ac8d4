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

/** `at` is the index of the request that was refused first. */
export type BatchReply = Result<void, NetlinkFailure & { readonly at: number }>

export type Exchange = {
  /** One at a time: the next begins when the last is answered or timed out. */
  readonly transact: (requests: readonly NetlinkRequest[]) => Promise<readonly NetlinkReply[]>
  /**
   * For requests that succeed or fail together. The first and the last are the batch's frame, which the kernel answers
   * only to refuse the whole; the last but one must ask for an acknowledgement (NLM_F_ACK), the others need not.
   */
  readonly transactBatch: (requests: readonly NetlinkRequest[]) => Promise<BatchReply>
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

type Numbered = { readonly request: NetlinkRequest; readonly seq: number }

type Pending = {
  readonly messages: NetlinkMessage[]
  interrupted: boolean
  /** `seq`: of the request that was answered; undefined: of all. */
  readonly settle: (reply: NetlinkReply, seq?: number) => void
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
    for (const each of new Set(pending.values())) each.settle(err(failure))
  }
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const turn = last.then(action)
    last = turn
    return turn
  }
  const number = (requests: readonly NetlinkRequest[]): readonly Numbered[] => {
    const numbered = requests.map((request, at) => ({ request, seq: ((lastSeq + at) % 0xffffffff) + 1 }))
    lastSeq = numbered.at(-1)?.seq ?? lastSeq
    return numbered
  }
  /** Sends, and waits for what `answered` promises, which a timeout settles too. */
  const exchange = async <T>(numbered: readonly Numbered[], answered: Promise<T>): Promise<T> => {
    const failure = { code: 'ETIMEDOUT', message: `the kernel did not answer within ${timeout} ms` }
    const cancelTimeout = afterTimeout(timeout, () => failAll(failure))
    send(numbered.map(({ request, seq }) => encodeMessage(request, seq)))
    const settled = await answered
    cancelTimeout()
    return settled
  }
  const transactNow = async (requests: readonly NetlinkRequest[]): Promise<readonly NetlinkReply[]> => {
    if (closed) return requests.map(() => err(closedFailure))
    const numbered = number(requests)
    return exchange(numbered, Promise.all(numbered.map(({ seq }) => awaitReply(pending, seq))))
  }
  const transactBatchNow = async (requests: readonly NetlinkRequest[]): Promise<BatchReply> => {
    if (closed) return err({ ...closedFailure, at: 0 })
    const numbered = number(requests)
    return exchange(numbered, awaitBatch(pending, numbered))
  }

  return {
    // A second dump on one socket would be refused (EBUSY).
    transact: (requests) => inTurn(() => transactNow(requests)),
    transactBatch: (requests) => inTurn(() => transactBatchNow(requests)),
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
    asked.settle(err({ code, message: `the kernel refused: ${code}` }), message.seq)
  } else if (asked.interrupted) {
    asked.settle(err({ code: 'DUMP_INTERRUPTED', message: 'the dump was interrupted' }), message.seq)
  } else {
    asked.settle(ok(asked.messages), message.seq)
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

/** The kernel answers in the order of the requests: when the last but one is acknowledged, none has been refused. */
const awaitBatch = (pending: Map<number, Pending>, numbered: readonly Numbered[]): Promise<BatchReply> =>
  new Promise((resolve) => {
    const settle = (reply: NetlinkReply, seq?: number): void => {
      const at = seq === undefined ? 0 : numbered.findIndex((each) => each.seq === seq)
      if (reply.ok && at !== numbered.length - 2) return
      for (const each of numbered) pending.delete(each.seq)
      resolve(reply.ok ? ok(undefined) : err({ ...reply.error, at }))
    }
    const whole: Pending = { messages: [], interrupted: false, settle }
    for (const { seq } of numbered) pending.set(seq, whole)
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
