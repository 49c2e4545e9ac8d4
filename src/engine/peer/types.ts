import type { Micros } from '../../shared/units.ts'

/**
 * What haup nodes tell each other, and what a node knows of another one. PURE. A report is the whole present state of its
 * sender, never a step: each one stands for all before it, so that losses, repetitions and other orders change nothing.
 */

/** What one node says to one other node. The channel adds who said it to whom, in which session, and what was heard. */
export type PeerReport = {
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
  /** Reports come at least this often, some 20 % later when they answer a holder's. */
  readonly every: Micros
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
  /** Could serve: takes part, its services are good, nobody has handed it over. */
  readonly ready: boolean
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
  /** The newest one that is proven to be of its present life. */
  readonly report: PeerReport | undefined
  /** The report is not older than this: we sent then what it acknowledges. */
  readonly provenAt: Micros | undefined
  /** When the report arrived. */
  readonly heardAt: Micros | undefined
  /** When it was heard first, or first after a silence. */
  readonly metAt: Micros | undefined
  /** When a connection to its engine ended without a farewell. */
  readonly brokenAt: Micros | undefined
  readonly paths: readonly PathHealth[]
}
