import { randomBytes } from 'node:crypto'
import { assertNever } from '../../shared/errors.ts'
import type { Micros } from '../../shared/units.ts'
import { type Allowance, fullBucket, spend } from '../peer/bucket.ts'
import { CHALLENGE_BYTES, decodeBody, encodeBody, type Header } from '../peer/frame.ts'
import { decodeReport } from '../peer/message.ts'
import { beginSession, glance, receive, type SessionId, send } from '../peer/session.ts'
import { isLater, type Order } from '../peer/types.ts'
import type { ClusterKey, PeerHeard } from '../ports.ts'
import { createSeal, type Ends } from './peer-seal.ts'

/** All that stands between this node and one other, without the sockets: bytes in, bytes and meaning out. */
export type Talk = {
  /** The bytes to send for a report; undefined when there is no key. */
  readonly say: (report: Uint8Array, now: Micros) => Uint8Array | undefined
  readonly take: (header: Header, bytes: Uint8Array, path: string, now: Micros) => Taken
  /** One side of a stream: both random numbers, sealed. The session is that of the frame. */
  readonly greet: (own: Uint8Array, other: Uint8Array, now: Micros) => Uint8Array | undefined
  readonly readGreeting: (header: Header, bytes: Uint8Array) => Greeting | undefined
  /** The other node's life that is believed, and whether it has said that it leaves. */
  readonly known: () => { readonly session: SessionId; readonly leaving: boolean } | undefined
  /** From now on these keys; the session stays, and so do its counters. */
  readonly rekey: (keys: readonly ClusterKey[]) => void
}

export type Greeting = { readonly session: SessionId; readonly own: Uint8Array; readonly other: Uint8Array }

export type Taken =
  | Rejected
  /** Of what had come before its session was proven: of no interest. */
  | { readonly kind: 'copy' }
  /** Held somewhere on its way; or one too many of sessions that were never seen. */
  | { readonly kind: 'late' | 'skipped' }
  | Valid

export type Rejected = { readonly kind: 'rejected'; readonly fault: Fault; readonly detail: string }

export type Valid = {
  readonly kind: 'valid'
  /** Of a life that is believed: the path by which it came works. */
  readonly proven: boolean
  readonly heard: Omit<PeerHeard, 'node' | 'path'> | undefined
  /** Why the report inside cannot be read. */
  readonly malformed: string | undefined
  readonly met: boolean
  readonly answer: Uint8Array | undefined
}

export type Fault = 'key' | 'malformed' | 'replayed' | 'stranger'

/** How many frames of sessions never seen are opened: each costs the derivation of a key. */
const NEWCOMERS: Allowance = { rate: 100, burst: 100 }

export function createTalk(ends: Ends, keys: readonly ClusterKey[], begun: Micros): Talk {
  let seal = createSeal(ends, keys)
  let session = beginSession(randomBytes(16).toString('hex'), begun)
  let newcomers = fullBucket(NEWCOMERS, begun)
  let leaving = false
  let last: Order | undefined

  const sealBody = (report: Uint8Array | undefined, now: Micros, toward?: SessionId): Uint8Array | undefined => {
    const sending = send(session, now, toward)
    session = sending.session
    return seal.seal('report', session.own, sending.counter, encodeBody({ ack: sending.ack, report }))
  }
  /** What can be told without opening. */
  const refuse = (header: Header, path: string, now: Micros): Taken | undefined => {
    if (header.kind !== 'report') return rejected('malformed', 'of a stream')
    const checked = strange(header) ?? keyless(header)
    if (checked !== undefined) return checked
    const seen = glance(session, { session: header.session, counter: header.counter, path, now })
    switch (seen) {
      case 'open':
        return undefined
      case 'known':
        return { kind: 'copy' }
      case 'late':
        return { kind: 'late' }
      case 'replayed':
        return rejected('replayed', `counter ${header.counter} of session ${header.session.slice(0, 8)}`)
      case 'newcomer': {
        const left = spend(newcomers, NEWCOMERS, now)
        newcomers = left ?? newcomers
        return left === undefined ? { kind: 'skipped' } : undefined
      }
      default:
        return assertNever(seen)
    }
  }
  const strange = ({ from, to }: Header): Taken | undefined =>
    from === seal.from && to === seal.to ? undefined : rejected('stranger', OTHER_NAMES)
  const keyless = (header: Header): Taken | undefined =>
    seal.hasKey(header) ? undefined : rejected('key', `sealed with key ${header.key}`)

  return {
    say: sealBody,
    take: (header, bytes, path, now) => {
      const refused = refuse(header, path, now)
      if (refused !== undefined) return refused
      const text = seal.open(header, bytes)
      const body = text && decodeBody(text)
      if (body === undefined) return rejected('malformed', text ? 'too short inside' : 'the seal is not genuine')
      const received = receive(session, { session: header.session, counter: header.counter, path, now }, body.ack)
      session = received.session
      const { verdict, met } = received
      if (met) leaving = false
      const answer = received.answer === undefined ? undefined : sealBody(undefined, now, received.answer)
      const proven = verdict.kind === 'news' || verdict.kind === 'again'
      const valid: Valid = { kind: 'valid', proven, heard: undefined, malformed: undefined, met, answer }
      if (verdict.kind !== 'news' || body.report === undefined) return valid
      const report = decodeReport(body.report)
      if (!report.ok) return { ...valid, malformed: report.error }
      const order = { life: header.session, counter: header.counter }
      if (isLater(order, last)) {
        last = order
        leaving = report.value.leaving
      }
      return { ...valid, heard: { report: report.value, provenAt: verdict.provenAt, order } }
    },
    greet: (own, other, now) => {
      const sending = send(session, now)
      session = sending.session
      return seal.seal('hello', session.own, sending.counter, Buffer.concat([own, other]))
    },
    readGreeting: (header, bytes) => {
      const isOurs = header.kind === 'hello' && strange(header) === undefined && seal.hasKey(header)
      const text = isOurs ? seal.open(header, bytes) : undefined
      if (text?.length !== 2 * CHALLENGE_BYTES) return undefined
      const [own, other] = [text.subarray(0, CHALLENGE_BYTES), text.subarray(CHALLENGE_BYTES)]
      return { session: header.session, own, other }
    },
    known: () => session.accepted && { session: session.accepted.id, leaving },
    rekey: (next) => {
      seal = createSeal(ends, next)
    },
  }
}

const OTHER_NAMES = 'not from this node to us: the names of nodes or cluster differ'

const rejected = (fault: Fault, detail: string): Taken => ({ kind: 'rejected', fault, detail })
