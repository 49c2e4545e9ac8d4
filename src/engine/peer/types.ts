import type { Micros } from '../../shared/units.ts'

/**
 * What haup nodes tell each other, and what a node knows of another one. PURE. A report tells the present state of its
 * sender, never a step: of the node as a whole, and of some of its instances and services, each of which comes round in its
 * turn. What is said of an instance stands for all that was said of it before, so that losses, repetitions and other
 * orders change nothing.
 */

/** What stands in every report. The channel adds who said it to whom, in which session, and what was heard. */
export type PeerHead = {
  /** Version of haup. */
  readonly haup: string
  /** The engine ends in order: silence that follows is no death. */
  readonly leaving: boolean
  /** An administrator's `haup standby`: this node is not to hold anything. */
  readonly standby: boolean
  /** The first 8 hex digits of a digest of each section of the configuration: `cluster`, `nodes`, `instances`, ... */
  readonly digests: Readonly<Record<string, string>>
  /** How late the sender's loop runs, 99th percentile. */
  readonly lateness: Micros
  /** Each instance is told of at least this often, some 20 % later when that answers a holder's report. */
  readonly every: Micros
  readonly roster: Roster
}

/** Of which instances and services a node tells: how many, and a digest of their names (8 hex digits). */
export type Roster = { readonly digest: string; readonly instances: number; readonly services: number }

/** What one node says to others at a time: as much as fits into a datagram (message.ts). */
export type PeerReport = PeerHead & {
  readonly instances: readonly PeerInstance[]
  readonly services: readonly PeerService[]
}

/** One instance as its reporter sees it. */
export type PeerInstance = {
  readonly name: string
  /** The state as people know it, its reason, and how long ago it began. */
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT'
  readonly reason: string
  readonly age: Micros
  /** The addresses are in its kernel, or may be: false only after it has seen them gone or its gate closed for good. */
  readonly holding: boolean
  readonly readiness: Readiness
  /** For how much longer its gate is open, 0: closed; undefined: the addresses are not fenced. */
  readonly open: Micros | undefined
  /** The last advert that it follows: whose, the number in that packet's IPv4 identification field, and how long ago it came. */
  readonly advert: { readonly node: string; readonly id: number; readonly age: Micros } | undefined
  /** The holder that it follows; undefined: it knows of none, or holds itself. */
  readonly follows: string | undefined
  /** It has just started or woken late: whatever it has heard, it claims only after having listened for `wait` from now. */
  readonly listens: boolean
  /** This holder is supported no more: what this report acknowledges lets it hold for no longer. */
  readonly refuses: string | undefined
  /** Effective priority. */
  readonly priority: number
  /** A promise: it claims only after whoever holds was silent for so long. What was promised once is kept for so long. */
  readonly wait: Micros
  readonly lan: LanReach
  /** Asks all others for leave to claim; the number tells one attempt from the next. */
  readonly claim: number | undefined
  /** Will not claim before this node's report says otherwise, or `GRANT_FOR` after the report that says so was sent. */
  readonly grant: { readonly to: string; readonly claim: number } | undefined
  readonly move: PeerMove | undefined
}

/**
 * Whether a node could hold an instance. `serves`: takes part, its services are good. `standby`: it could, and an administrator
 * has told it to stay behind. `unable`: a fault, a failed service, or not to serve at all.
 */
export type Readiness = 'serves' | 'standby' | 'unable'

/**
 * Whether a node reaches the LAN of an instance. `unknown`: nothing there was asked, or there is nothing to ask.
 * `dark`: what answered before (a gateway, a neighbour, a configured witness) does not.
 */
export type LanReach = 'reached' | 'dark' | 'unknown' | 'down'

/**
 * A planned move, one step of one side. Old holder: `offer`, `closed`. New holder: `prepared` (bound behind a closed gate),
 * `opened`, or `refused`.
 */
export type PeerMove = {
  readonly id: number
  /** The other side. */
  readonly with: string
  readonly step: 'offer' | 'prepared' | 'refused' | 'closed' | 'opened'
}

export type PeerService = { readonly name: string; readonly good: boolean; readonly detail: string }

/** How a path to a peer does. */
export type PathHealth = {
  readonly name: string
  /** When something valid came by it last. */
  readonly heardAt: Micros | undefined
  /** Why our own address of this path cannot be used now: an errno name. */
  readonly problem?: string | undefined
}

/** What this node knows of another one by the channel. */
export type PeerFacts = {
  readonly node: string
  /** From the newest report that is proven to be of its present life. */
  readonly head: PeerHead | undefined
  readonly order: Order | undefined
  /** That report is not older than this: we sent then what it acknowledges. */
  readonly provenAt: Micros | undefined
  /** When that report arrived. */
  readonly heardAt: Micros | undefined
  /** When it was heard first, or first after a silence. */
  readonly metAt: Micros | undefined
  /** When a connection to its engine ended without a farewell. */
  readonly brokenAt: Micros | undefined
  /** When something with its seal came that may be a recording: a node that does not hear us can say no more. */
  readonly unprovenAt: Micros | undefined
  readonly paths: readonly PathHealth[]
  readonly instances: ReadonlyMap<string, Row<PeerInstance>>
  readonly services: ReadonlyMap<string, Row<PeerService>>
}

/** When something was said in relation to all else that its node says: in which life (session), and as the how manieth thing. */
export type Order = { readonly life: string; readonly counter: number }

/** What was said later; another life that is believed is always a later one. */
export const isLater = (a: Order, b: Order | undefined): boolean => a.life !== b?.life || a.counter > b.counter

/** What a node has said of one thing last, with the same instants of the report that said it. */
export type Row<T> = {
  readonly says: T
  readonly provenAt: Micros
  readonly heardAt: Micros
  readonly metAt: Micros
  readonly order: Order
  /** The digest of the roster by which it was told. */
  readonly roster: string
}
