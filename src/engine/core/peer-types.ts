import type { Micros } from '../../shared/units.ts'
import type { LanReach } from '../peer/types.ts'
import type { PeerChannelConfig } from '../ports.ts'
import type { Died } from './peer-died.ts'
import type { Hold } from './types.ts'

/** What the peer channel adds to one instance. */
export type PeerRuntime = {
  /** The addresses are here and answered for, or may be: until they were seen gone or closed. */
  readonly holding: boolean
  readonly claim: PeerClaim | undefined
  /** Leave that this node gave: until then it does not claim, and gives leave to nobody else. */
  readonly grant: { readonly to: string; readonly claim: number; readonly until: Micros } | undefined
  readonly move: Move | undefined
  /** The last question whether the LAN is reached, and its answer. */
  readonly reach:
    | { readonly askedAt: Micros; readonly answer: LanReach; readonly answeredAt: Micros | undefined }
    | undefined
  /** A node that is alive and holds the addresses, though this one would claim: said, and shown in `status`. */
  readonly deferringTo: string | undefined
  /** Before a claim: who has been fenced, whether the lease was asked for. */
  readonly checks: ClaimChecks
  /** The router must not have its timer. */
  readonly blocked: boolean
  /** An engine that seems to have died. */
  readonly died: Died | undefined
  /** The last one that was seen to hold no more, though it did not say so here. */
  readonly gone: { readonly node: string; readonly at: Micros } | undefined
  /** A node that holds the addresses, too. */
  readonly rival: string | undefined
  /** When the addresses were last offered to a better node. */
  readonly offeredAt: Micros | undefined
  /** Since when `holding`. */
  readonly heldSince: Micros | undefined
  /** A reload made this node's wait shorter: until then it is as long as others have been promised. */
  readonly keptWait: { readonly wait: Micros; readonly until: Micros } | undefined
  /** Until when nodes limit what is held by what they acknowledge (hold-limit.ts), the first one's; undefined: none does. */
  readonly limitedUntil: Micros | undefined
  /** Why this node must not hold the addresses, as far as the channel and witnesses tell. */
  readonly isolated: string | undefined
  /** All other nodes are known, and none of them could serve. */
  readonly nobodyReadier: boolean
  /** The arbiter's lease is asked for, or kept. */
  readonly leaseWanted: boolean
  /** When this part has to look again. */
  readonly wakeAt: Micros | undefined
}

/** All others are asked for leave to claim; `id` is in our reports. */
export type PeerClaim = {
  readonly id: number
  readonly since: Micros
  readonly why: ClaimReason
  /** In our reports. Not while something else is missing (a majority, a lease, fencing): others may do better meanwhile. */
  readonly asks: boolean
}

export type ClaimReason =
  /** No advert for Master_Down_Interval, or priority 0. */
  | { readonly kind: 'due' }
  /** No advert comes, but this node is alive and holds the addresses. */
  | { readonly kind: 'beside'; readonly node: string }
  /** A lower master is to be preempted. */
  | { readonly kind: 'preempt'; readonly node: string }
  /** The engine of the holder is dead for sure, and its gate closed. */
  | { readonly kind: 'died'; readonly node: string }
  /** Everybody says that nobody holds the addresses. */
  | { readonly kind: 'released'; readonly text: string }

export type ClaimChecks = {
  readonly fencing: ReadonlyMap<string, { readonly state: 'asked' | 'confirmed' | 'refused'; readonly at: Micros }>
  readonly saidWaiting: string | undefined
}

/** A planned move, as one side sees it. `until`: when it is given up. */
export type Move =
  | {
      readonly side: 'out'
      readonly id: number
      readonly with: string
      /** `offered`; `closing`: the gate is being closed; `closed`: handed on, the other one opens; `lingering`: still bound. */
      readonly step: 'offered' | 'closing' | 'closed' | 'lingering'
      readonly why: MoveReason
      readonly until: Micros
    }
  | {
      readonly side: 'in'
      readonly id: number
      readonly with: string
      /** `admitting`: being bound behind the closed gate; `taken`: this node is master, and opens. */
      readonly step: 'admitting' | 'prepared' | 'taken' | 'opened' | 'refused'
      readonly until: Micros
      /** Adverts that the other one sent before it closed may arrive until then. */
      readonly deafUntil: Micros
    }

export type MoveReason =
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'stop' }
  | { readonly kind: 'preempted' }

export const quietPeer: PeerRuntime = {
  holding: false,
  claim: undefined,
  grant: undefined,
  move: undefined,
  reach: undefined,
  deferringTo: undefined,
  checks: { fencing: new Map(), saidWaiting: undefined },
  blocked: false,
  died: undefined,
  gone: undefined,
  rival: undefined,
  offeredAt: undefined,
  heldSince: undefined,
  keptWait: undefined,
  limitedUntil: undefined,
  isolated: undefined,
  nobodyReadier: false,
  leaseWanted: false,
  wakeAt: undefined,
}

/** The channel as this node's plan has it; absent: there is none. */
export type ChannelPlan = {
  /** The other haup nodes. */
  readonly peers: readonly string[]
  /** How often a report is due when nothing changes. */
  readonly every: Micros
  readonly digests: Readonly<Record<string, string>>
  /** Addresses, port and keys, for the shell. */
  readonly config: PeerChannelConfig
  readonly majority: boolean
  /** An arbiter's lease is needed when a node is silent. */
  readonly arbiter: boolean
  readonly fencing: boolean
}
