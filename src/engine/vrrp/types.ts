import type { Ipv4 } from '../../shared/ip.ts'
import { fromMillis, type Micros } from '../../shared/units.ts'

/**
 * The vocabulary of one VRRP router (one VRID on one interface). Words as in RFC 9568, with keepalived's MASTER for
 * "Active": plain data, so that a state can be logged, recorded and replayed.
 */

export type Version = 2 | 3

/** 0 = "I release" (on the wire only), 1..254, 255 = owner of the addresses. RFC 9568 5.2.4 */
export type Priority = number

/** Reserved by haup: "nobody else is left". Even a non-preempting haup backup takes over from a master with it. */
export const LAST_RESORT: Priority = 1
export const OWNER: Priority = 255

/** Adverts that are faster leave no room for a gate: for its margin, late loops and a lost advert. */
export const FASTEST_FENCED = fromMillis(100)

/** VRRPv2 only (RFC 2338 5.3.6); `password` holds exactly 8 bytes, zero padded. */
export type Authentication = { readonly kind: 'none' } | { readonly kind: 'password'; readonly password: Uint8Array }

/** VRRPv3 over IPv4: with the pseudo-header (keepalived, FRR) or over the message only (RFC 9568 5.2.8). */
export type ChecksumForm = 'pseudo' | 'message'

export type RouterConfig = {
  readonly version: Version
  readonly vrid: number
  /** The source address of our adverts; decides ties (RFC 9568 6.4.3). */
  readonly source: Ipv4
  /** Our own interval: v2 whole seconds, v3 multiples of 10 ms. */
  readonly advertInterval: Micros
  /** v3: what an advert may teach of its sender's interval; anything beyond counts as the nearer bound. */
  readonly learns: { readonly shortest: Micros; readonly longest: Micros }
  readonly preempt: boolean
  /** How long a lower-priority master is tolerated before preempting; 0 = not at all (keepalived `preempt_delay`). */
  readonly preemptDelay: Micros
  /** Advertised, in configured order. */
  readonly addresses: readonly Ipv4[]
  readonly authentication: Authentication
  readonly checksum: { readonly send: ChecksumForm; readonly accept: ChecksumForm | 'both' }
  /** Offsets of the gratuitous ARP rounds after becoming master, first one 0; then one round each `announceRefresh` (0 = never). */
  readonly announceAt: readonly Micros[]
  readonly announceRefresh: Micros
}

/** A VRRP message that passed every check of RFC 9568 7.1. */
export type Advert = {
  readonly version: Version
  readonly vrid: number
  readonly priority: Priority
  readonly interval: Micros
  readonly addresses: readonly Ipv4[]
}

export type HeardMaster = {
  readonly address: Ipv4
  readonly priority: Priority
  /** As it counts here: within `learns`. */
  readonly interval: Micros
  readonly heardAt: Micros
}

export type Phase =
  | { readonly kind: 'initialize' }
  | {
      readonly kind: 'backup'
      readonly masterDownAt: Micros
      /** From when Master_Down_Timer counts, and what armed it: our own entry, an accepted advert, a priority-0 advert. */
      readonly armedAt: Micros
      readonly armedBy: 'entry' | 'advert' | 'release'
      /** Set since a lower master is tolerated because of `preemptDelay`: when that ends. */
      readonly preemptAt: Micros | undefined
    }
  | {
      readonly kind: 'master'
      readonly advertAt: Micros
      /** When the next round of gratuitous ARP is due, and how many of this episode were sent. */
      readonly announceAt: Micros | undefined
      readonly announced: number
      /** From when on a lower master gets its next extra advert (a flood of them must not make us one). */
      readonly answerAt: Micros
      /** From when on a release is answered at once again, whatever was answered before. */
      readonly releaseAt: Micros
    }

export type RouterState = {
  readonly phase: Phase
  /** Effective priority: goes into adverts and timers (keepalived's "effective priority"). */
  readonly priority: Priority
  /** Active_Adver_Interval: v3, learned from the master; v2, our own. Until an advert is accepted, our own. */
  readonly masterInterval: Micros
  /** The last master heard (never ourselves); survives our own mastership, for `status`. */
  readonly master: HeardMaster | undefined
}

/** Why a router starts or stops taking part; carried through for people, never interpreted. */
export type Reason = string

export type RouterEvent =
  | { readonly kind: 'startup'; readonly now: Micros; readonly priority: Priority; readonly reason: Reason }
  /** Leave for good: engine stop, interface down, fault. */
  | { readonly kind: 'shutdown'; readonly now: Micros; readonly reason: Reason }
  /**
   * We overslept: nothing was sent for so long that somebody else may hold the address. Let go without a word, and listen
   * as if we had just started.
   */
  | { readonly kind: 'lapse'; readonly now: Micros; readonly reason: Reason }
  /** Hand the address over but stay in the election with the given (lower) priority. */
  | { readonly kind: 'resign'; readonly now: Micros; readonly priority: Priority; readonly reason: Reason }
  | { readonly kind: 'priority'; readonly now: Micros; readonly priority: Priority; readonly reason: Reason }
  | { readonly kind: 'advert'; readonly now: Micros; readonly from: Ipv4; readonly advert: Advert }
  /** Others have given leave, by other means than VRRP: a backup claims now. */
  | { readonly kind: 'take'; readonly now: Micros; readonly reason: Reason }
  /** The addresses are handed over to another node, which claims: a master steps back, and waits as after its advert. */
  | { readonly kind: 'hand-over'; readonly now: Micros; readonly reason: Reason }
  /** A deadline may have passed; early and late calls are harmless. */
  | { readonly kind: 'timer'; readonly now: Micros }

/** Why the state changed, as data; `describeCause` puts it into words. */
export type Cause =
  | { readonly kind: 'startup'; readonly reason: Reason }
  | { readonly kind: 'owner' }
  | { readonly kind: 'shutdown'; readonly reason: Reason }
  | { readonly kind: 'resigned'; readonly reason: Reason }
  | { readonly kind: 'lapsed'; readonly reason: Reason }
  | { readonly kind: 'taken'; readonly reason: Reason }
  | { readonly kind: 'handed-over'; readonly reason: Reason }
  /** No advert for Master_Down_Interval; `last` is the master that fell silent. */
  | { readonly kind: 'master-down'; readonly waited: Micros; readonly last: HeardMaster | undefined }
  /** The master announced priority 0. */
  | { readonly kind: 'master-released'; readonly last: HeardMaster | undefined }
  /** We take over from a living master of lower priority. */
  | { readonly kind: 'preempted'; readonly from: HeardMaster }
  | { readonly kind: 'higher-priority'; readonly from: Ipv4; readonly priority: Priority }
  | { readonly kind: 'tie-break'; readonly from: Ipv4; readonly priority: Priority }

export type StateName = Phase['kind']

/**
 * What the shell has to do, strictly in this order. `unbind` includes reading back, so that a priority-0 advert that
 * follows it is sent when the address is gone (also when unbinding failed).
 */
export type RouterAction =
  | { readonly kind: 'send-advert'; readonly priority: Priority }
  | { readonly kind: 'bind' }
  | { readonly kind: 'unbind' }
  | { readonly kind: 'announce' }
  | { readonly kind: 'state-change'; readonly from: StateName; readonly to: StateName; readonly cause: Cause }
  /** Seen and survived: worth a (rate-limited) log line, no state change. */
  | { readonly kind: 'notice'; readonly notice: Notice }

export type Notice =
  /** `counted`: what theirs counts as here, within `learns`. */
  | {
      readonly kind: 'interval-differs'
      readonly from: Ipv4
      readonly theirs: Micros
      readonly counted: Micros
      readonly ours: Micros
    }
  | { readonly kind: 'addresses-differ'; readonly from: Ipv4; readonly theirs: readonly Ipv4[] }
  | { readonly kind: 'own-address-heard'; readonly from: Ipv4 }
  | { readonly kind: 'two-owners'; readonly from: Ipv4 }
  | { readonly kind: 'lower-master-heard'; readonly from: Ipv4; readonly priority: Priority }

export type Step = { readonly state: RouterState; readonly actions: readonly RouterAction[] }

/** Why a packet was discarded before the state machine (RFC 9568 7.1); each has its own counter in `status`. */
export type RejectReason =
  | 'ip-header'
  | 'ttl'
  | 'destination'
  | 'length'
  | 'version'
  | 'type'
  | 'vrid'
  | 'interval'
  | 'auth-type'
  | 'auth-data'
  | 'checksum'
  | 'count'
  | 'own'
  /** Valid, and more than are looked at in so short a time. */
  | 'flood'
