import type { Micros } from '../../shared/units.ts'
import { type Allowance, type Bucket, fullBucket, spend } from './bucket.ts'
import { type Arrivals, highestOf, judge, remember } from './window.ts'

/**
 * What this node and one other know of each other's present life. PURE. A life (session) of the other node is believed only
 * when it has acknowledged something that we said in our own present life, after we had come to believe its life before;
 * so neither what an earlier life said nor what was recorded can count again (docs/peer-channel.md).
 */

/** 32 hex digits, drawn at random for each life of a node and each node that it talks to. */
export type SessionId = string

/** What a datagram says of those that its sender had received. */
export type Ack = {
  readonly session: SessionId
  /** The highest one of that session. */
  readonly counter: number
  /** The sender believes that session. */
  readonly proven: boolean
}

export type Session = {
  readonly own: SessionId
  /** Counter of the last datagram sent. */
  readonly sent: number
  /** When the last ones were sent, the last one at the end. */
  readonly sentAt: readonly Micros[]
  /** The first counter whose acknowledgement proves a new life of the other node. */
  readonly provesFrom: number
  readonly accepted: Accepted | undefined
  /** Lives that have yet to be proven, newest first. */
  readonly candidates: readonly Candidate[]
  /** Lives that are over, newest first. */
  readonly retired: readonly SessionId[]
  readonly answers: Bucket
}

type Accepted = {
  readonly id: SessionId
  /** The counter by which it was proven: what came before it is of no use any more. */
  readonly first: number
  readonly arrivals: Arrivals
  readonly provenAt: Micros
}
type Candidate = { readonly id: SessionId; readonly highest: number }

/** Some seconds of the longest reports. */
const MOST_SENT = 1024
const MOST_CANDIDATES = 4
const MOST_RETIRED = 64
const ANSWERS: Allowance = { rate: 5, burst: 5 }

export const beginSession = (own: SessionId, now: Micros): Session => ({
  own,
  sent: 0,
  sentAt: [],
  provesFrom: 1,
  accepted: undefined,
  candidates: [],
  retired: [],
  answers: fullBucket(ANSWERS, now),
})

export type Sending = { readonly session: Session; readonly counter: number; readonly ack: Ack | undefined }

/** Takes the next counter; `toward` is the life that an answer is for (default: the one that is believed). */
export function send(session: Session, now: Micros, toward?: SessionId): Sending {
  const counter = session.sent + 1
  const sentAt = [...session.sentAt, now].slice(-MOST_SENT)
  return { session: { ...session, sent: counter, sentAt }, counter, ack: ackFor(session, toward) }
}

function ackFor({ accepted, candidates }: Session, toward: SessionId | undefined): Ack | undefined {
  const candidate = candidates.find(({ id }) => id === toward)
  if (accepted !== undefined && candidate === undefined) {
    return { session: accepted.id, counter: highestOf(accepted.arrivals), proven: true }
  }
  const chosen = candidate ?? candidates[0]
  return chosen === undefined ? undefined : { session: chosen.id, counter: chosen.highest, proven: false }
}

/** What stands in clear on a datagram. */
export type Arriving = {
  readonly session: SessionId
  readonly counter: number
  readonly path: string
  readonly now: Micros
}

/**
 * Whether a datagram is worth opening, by what stands on it in clear: it may be forged, so that nothing is concluded from it.
 * `newcomer`: of a life that has not been seen yet. `known`: a copy of what awaited its proof.
 * `late`: held somewhere on its way.
 */
export function glance(session: Session, { session: id, counter, path, now }: Arriving): Glance {
  if (session.retired.includes(id)) return 'replayed'
  const { accepted } = session
  if (accepted?.id === id) {
    if (counter < accepted.first) return 'known'
    const novelty = judge(accepted.arrivals, counter, path, now)
    return novelty === 'late' || novelty === 'replayed' ? novelty : 'open'
  }
  const candidate = session.candidates.find((each) => each.id === id)
  if (candidate === undefined) return 'newcomer'
  return counter > candidate.highest ? 'open' : 'known'
}

export type Glance = 'open' | 'newcomer' | 'known' | 'late' | 'replayed'

export type Received = {
  readonly session: Session
  /** `news`: of a proven life, for the first time. `again`: of a proven life, and no news. `unproven`: may be a recording. */
  readonly verdict:
    | { readonly kind: 'news'; readonly provenAt: Micros }
    | { readonly kind: 'again' | 'unproven' | 'replayed' }
  /** This life is believed from now on. */
  readonly met: boolean
  /** An answer is due at once, and for which life. */
  readonly answer: SessionId | undefined
}

/** A datagram whose seal is valid. */
export function receive(session: Session, arriving: Arriving, ack: Ack | undefined): Received {
  const seen = glance(session, arriving)
  if (seen === 'replayed') return nothing(session, 'replayed')
  if (seen === 'known' || seen === 'late') return nothing(session, 'unproven')
  if (session.accepted?.id === arriving.session) return receiveProven(session, session.accepted, arriving, ack)
  const provenAt = ack !== undefined && ack.counter >= session.provesFrom ? sentAtOf(session, ack) : undefined
  if (provenAt !== undefined) return accept(session, arriving, provenAt, ack)
  const candidates = [
    { id: arriving.session, highest: arriving.counter },
    ...session.candidates.filter(({ id }) => id !== arriving.session),
  ].slice(0, MOST_CANDIDATES)
  return answering({ ...nothing(session, 'unproven'), session: { ...session, candidates } }, arriving)
}

const nothing = (session: Session, kind: 'again' | 'unproven' | 'replayed'): Received => ({
  session,
  verdict: { kind },
  met: false,
  answer: undefined,
})

function accept(session: Session, arriving: Arriving, provenAt: Micros, ack: Ack | undefined): Received {
  const { session: id, counter, path, now } = arriving
  const over = session.accepted === undefined ? [] : [session.accepted.id]
  const next: Session = {
    ...session,
    accepted: { id, first: counter, arrivals: remember([], counter, path, now), provenAt },
    provesFrom: session.sent + 1,
    candidates: session.candidates.filter((each) => each.id !== id),
    retired: [...over, ...session.retired].slice(0, MOST_RETIRED),
  }
  const received: Received = { session: next, verdict: { kind: 'news', provenAt }, met: true, answer: undefined }
  return believesUs(next, ack) ? received : answering(received, arriving)
}

function receiveProven(session: Session, accepted: Accepted, arriving: Arriving, ack: Ack | undefined): Received {
  const { counter, path, now } = arriving
  const novelty = judge(accepted.arrivals, counter, path, now)
  const arrivals = remember(accepted.arrivals, counter, path, now)
  const remembered = { ...session, accepted: { ...accepted, arrivals } }
  const acknowledgedAt = ack && sentAtOf(session, ack)
  // It was said before the newest, so that it is proven by nothing but what it acknowledges itself.
  if (novelty === 'overtaken' && acknowledgedAt !== undefined)
    return { ...nothing(remembered, 'again'), verdict: { kind: 'news', provenAt: acknowledgedAt } }
  if (novelty !== 'newest') return nothing(remembered, 'again')
  // Said after all that it said before, whatever this one acknowledges.
  const provenAt = Math.max(accepted.provenAt, acknowledgedAt ?? accepted.provenAt) as Micros
  const next = { ...session, accepted: { ...accepted, arrivals, provenAt } }
  const received: Received = { session: next, verdict: { kind: 'news', provenAt }, met: false, answer: undefined }
  return believesUs(next, ack) ? received : answering(received, arriving)
}

const believesUs = (session: Session, ack: Ack | undefined): boolean => ack?.session === session.own && ack.proven

/** Few are enough: each report begins the exchange anew. */
function answering(received: Received, { session: toward, now }: Arriving): Received {
  const answers = spend(received.session.answers, ANSWERS, now)
  return answers === undefined ? received : { ...received, session: { ...received.session, answers }, answer: toward }
}

/** When we sent what is acknowledged; undefined when it is not of this life, or of long ago, or was never sent. */
function sentAtOf({ own, sent, sentAt }: Session, ack: Ack): Micros | undefined {
  if (ack.session !== own || ack.counter > sent) return undefined
  return sentAt[sentAt.length - 1 - (sent - ack.counter)]
}
