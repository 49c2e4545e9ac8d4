import type { Micros } from '../../shared/units.ts'
import type { LanReach } from '../peer/types.ts'
import type { PeerChannelConfig } from '../ports.ts'
import type { AdvertDoubt } from './adverts.ts'
import type { Died } from './peer-died.ts'
import type { Refusal } from './refusal.ts'
import type { Table } from './table.ts'
import type { Hold, NodePlan } from './types.ts'
import type { Verdict } from './verdict.ts'

/** What the peer channel adds to one instance. */
export type PeerRuntime = {
  /** The addresses are here and answered for, or may be: until they were seen gone or closed. */
  readonly holding: boolean
  readonly claim: PeerClaim | undefined
  /** Leave that this node gave: until then it does not claim, and gives leave to nobody else. */
  readonly grant: { readonly to: string; readonly claim: number; readonly until: Micros } | undefined
  readonly move: Move | undefined
  /** The last question whether the LAN is reached, and its answer. */
  readonly reach: Reach | undefined
  /** A node that is alive and holds the addresses, though this one would claim: said, and shown in `status`. */
  readonly deferringTo: { readonly node: string; readonly unheard: boolean } | undefined
  /** Before a claim: who has been fenced, whether the lease was asked for. */
  readonly checks: ClaimChecks
  /** The router must not have its timer. */
  readonly blocked: boolean
  /** Until when this node does not claim for want of adverts, as far as the channel tells now. */
  readonly heldUntil: Micros | undefined
  /** An engine that seems to have died. */
  readonly died: Died | undefined
  /** When the engine of each node was seen to be dead and its gate closed, though it did not say so here. */
  readonly gone: ReadonlyMap<string, Micros>
  /** A node that holds the addresses, too. */
  readonly rival: { readonly node: string; readonly since: Micros } | undefined
  /** A holder that says its gate is closed (refusal.ts). */
  readonly closed: Refusal | undefined
  /** The holder that this node supports no more. */
  readonly refusal: Refusal | undefined
  /** From whom this node took over because it did not serve, and until when it is not handed the addresses back. */
  readonly tookFrom: { readonly node: string; readonly until: Micros } | undefined
  /** Since when this node could claim at once; undefined: it cannot serve, or listens. */
  readonly ableSince: Micros | undefined
  /** What was concluded last. */
  readonly verdict: Verdict
  /** When the addresses were last offered to a better node. */
  readonly offeredAt: Micros | undefined
  /** Since when `holding`. */
  readonly heldSince: Micros | undefined
  /** A reload made this node's wait shorter: until then it is as long as others have been promised. */
  readonly keptWait: { readonly wait: Micros; readonly until: Micros } | undefined
  /** When we sent the newest thing that each node has acknowledged without refusing us (hold-limit.ts). */
  readonly votes: ReadonlyMap<string, Micros>
  /** Numbers of our last adverts, and when they were sent: an acknowledged advert counts from then. */
  readonly adverts: readonly { readonly id: number; readonly at: Micros }[]
  /** The last advert of another node that this one follows. */
  readonly followed: { readonly node: string; readonly id: number; readonly at: Micros } | undefined
  /** Nodes whose adverts come while the channel does not hear them (adverts.ts). */
  readonly doubts: ReadonlyMap<string, AdvertDoubt>
  /** Until when nodes limit what is held by what they acknowledge (hold-limit.ts), the first one's; undefined: none does. */
  readonly limitedUntil: Micros | undefined
  /** A fault: nothing arrives from the LAN. */
  readonly deaf: string | undefined
  /** Why this node must not hold the addresses, as far as the channel and witnesses tell. */
  readonly isolated: string | undefined
  /** All other nodes are known, and none of them could serve. */
  readonly nobodyReadier: boolean
  /** Of a master: of all other nodes it is known that they could not take over (candidates.ts says why). */
  readonly unbacked: boolean
  /** The node that this one let the addresses go to since it did not hear this one. */
  readonly unheardBy: string | undefined
  /** The arbiter's lease is asked for, or kept. */
  readonly leaseWanted: boolean
  /** When this part has to look again. */
  readonly wakeAt: Micros | undefined
}

/** See lan-reach.ts. */
export type Reach = {
  readonly askedAt: Micros
  readonly answer: LanReach
  readonly answeredAt: Micros | undefined
  /** There is nobody to ask, and nothing has come in since the first question. */
  readonly silent: boolean
  /** Since when nobody answers. */
  readonly darkSince: Micros | undefined
  /** Nothing at all came in, and no sign of the LAN has come since. */
  readonly deaf: boolean
  /** While nobody answers: how much has come in lately. */
  readonly stirred: number
}

/** All others are asked for leave to claim; `id` is in our reports. */
export type PeerClaim = {
  readonly id: number
  readonly since: Micros
  readonly cause: ClaimReason
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
  /** A holder did not serve, and this node's promises to it have run out. */
  | { readonly kind: 'forsaken'; readonly node: string }
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
      /** `queued`: others go first; `offered`; `closing`: the gate is being closed; `closed`: handed on, the other one opens; `lingering`: still bound. */
      readonly step: 'queued' | 'offered' | 'closing' | 'closed' | 'lingering'
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
  /** `force`: the hold begins also when the other one does not take over. */
  | { readonly kind: 'hold'; readonly hold: Hold; readonly force: boolean }
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
  heldUntil: undefined,
  died: undefined,
  gone: new Map(),
  rival: undefined,
  closed: undefined,
  refusal: undefined,
  tookFrom: undefined,
  ableSince: undefined,
  verdict: { kind: 'out' },
  offeredAt: undefined,
  heldSince: undefined,
  keptWait: undefined,
  votes: new Map(),
  adverts: [],
  followed: undefined,
  doubts: new Map(),
  limitedUntil: undefined,
  deaf: undefined,
  isolated: undefined,
  nobodyReadier: false,
  unbacked: false,
  unheardBy: undefined,
  leaseWanted: false,
  wakeAt: undefined,
}

/**
 * Which node hears which by the channel. What is lost in one direction only is seen by one side at least: by the sender, whose
 * reports are not acknowledged, or by the receiver, who gets the adverts of a node and none of its reports.
 */
export type ChannelTrouble = 'not-acknowledged' | 'reports-lost'

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

/** What was said to other nodes, and when something has to be said again (peer-talk.ts). */
export type Spoken = {
  readonly plan: NodePlan
  /** Of the node as a whole, as text. */
  readonly head: string
  readonly rows: Table<SpokenRow>
  /** When each service is told of again. */
  readonly services: Table<Micros>
}

/** Of one instance. */
export type SpokenRow = {
  /** Without what changes all the time; undefined: not yet. */
  readonly said: string | undefined
  readonly saidAt: Micros
  readonly nextAt: Micros
  /** When votes have to be asked for again (vote-pace.ts). */
  readonly asksAt: Micros | undefined
}
