import type { Micros } from '../../shared/units.ts'
import type { ClaimReason } from './peer-types.ts'

/**
 * What one node concludes about one group, from all that it knows: one of these, the first that applies (decide.ts). It is
 * carried out (carry-out.ts), shown and logged; nothing else decides who holds the addresses between haup nodes.
 */
export type Verdict =
  /** Takes no part: a fault, or told to stay out. */
  | { readonly kind: 'out' }
  /** Has just started, or woke late: listens until then. */
  | { readonly kind: 'grace'; readonly until: Micros }
  /** A planned transfer goes on. */
  | { readonly kind: 'transferring'; readonly with: string }
  /** Active, and so is another node. `why`: why this one steps down; undefined: the other one does. */
  | { readonly kind: 'conflict'; readonly with: string; readonly why: string | undefined }
  /** Active without the majority or the lease that it needs: steps down. */
  | { readonly kind: 'lost-quorum'; readonly reason: string }
  /** Active, and a better node asks for the addresses. */
  | { readonly kind: 'offer'; readonly to: string }
  /** Active, and goes on. The gate's policy says until when. */
  | { readonly kind: 'master' }
  /** Has voted for another node's claim, and makes none of its own until then. */
  | { readonly kind: 'voted'; readonly for: string; readonly until: Micros }
  /** Another node is active. `asks`: for what this one asks it. */
  | { readonly kind: 'follow'; readonly node: string; readonly asks: ClaimReason | undefined }
  /** No other haup node is known to be active. `until`: the timer has run out, and a promise to the last one binds until then. */
  | { readonly kind: 'waiting'; readonly until: Micros | undefined }
  /** Would claim; something is missing. */
  | { readonly kind: 'candidate'; readonly cause: ClaimReason; readonly missing: Missing }
  /** Claims. `by`: the votes of all, so that nothing has to be waited for; or VRRP's timer, after a look at the LAN. */
  | { readonly kind: 'claim'; readonly cause: ClaimReason; readonly by: 'votes' | 'timer' }

/** What a candidate lacks, in the order in which it is got. */
export type Missing =
  /** A majority, or the arbiter's lease. It does not ask for votes meanwhile: another node may do better. */
  | { readonly kind: 'quorum'; readonly text: string }
  | { readonly kind: 'votes'; readonly of: readonly string[] }
  | { readonly kind: 'fencing'; readonly of: readonly string[]; readonly text: string }
