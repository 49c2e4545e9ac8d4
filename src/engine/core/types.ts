import type { Arbiter, Fencing, NotifyConfig, Witness } from '../../config/types.ts'
import type { InstanceState } from '../../control/messages.ts'
import type {
  CommandOutcome,
  MainProcess,
  ProbeResult,
  ServiceAction,
  ServiceConfig,
  ServiceState,
} from '../../probes/types.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { LogRecord } from '../../shared/log.ts'
import type { Micros } from '../../shared/units.ts'
import type { Order, PeerFacts, PeerReport } from '../peer/types.ts'
import type { LanAnswer } from '../peer/witness.ts'
import type { BoundAddress, Culprit, LinkState, SeenAddress } from '../ports.ts'
import type { Mac } from '../vrrp/arp.ts'
import type { Advert, RouterAction, RouterConfig, RouterState } from '../vrrp/types.ts'
import type { Ignored } from './adverts.ts'
import type { Damping } from './damping.ts'
import type { GateState } from './gate-policy.ts'
import type { Guardian } from './guardian.ts'
import type { LanState, Peer } from './lan-types.ts'
import type { Pace } from './pace.ts'
import type { ChannelPlan, ChannelTrouble, PeerRuntime, Spoken } from './peer-types.ts'
import type { Place } from './place.ts'
import type { Redundancy } from './redundancy.ts'
import type { Said } from './said.ts'
import type { StateLines } from './state-lines.ts'
import type { Stranger } from './strangers.ts'

/**
 * The engine's own pure machine: routers, services, links and the administrator's word, put together. It decides whether
 * an instance takes part in the election and with which priority; the shell (`engine.ts`) carries the actions out.
 */

export type Tracked = { readonly service: string; readonly onFailure: 'release' | { readonly lowerBy: number } }

/** Whether and how long the kernel lets the addresses be answered for after an advert (gate-deadline.ts). */
export type GatePlan =
  | { readonly kind: 'on'; readonly lease: Micros }
  | { readonly kind: 'off' }
  /** Adverts too fast to be fenced. */
  | { readonly kind: 'too-fast' }

/** One instance as this node runs it. */
export type InstancePlan = {
  readonly name: string
  readonly interface: string
  readonly basePriority: number
  readonly router: RouterConfig
  /** The virtual addresses, for people. */
  readonly addresses: readonly BoundAddress[]
  /** What `bind` puts into the kernel: all of them. */
  readonly bindings: readonly BoundAddress[]
  readonly track: readonly Tracked[]
  readonly whenAllDown: 'hold' | 'release'
  readonly gate: GatePlan
  /** The other nodes. */
  readonly peers: readonly Peer[]
  /** The instance's own first, then what is told of all. */
  readonly notify: readonly NotifyConfig[]
}

export type NodePlan = {
  readonly cluster: string
  readonly node: string
  /** Names of all nodes by address, to say who was heard. */
  readonly nodeNames: ReadonlyMap<Ipv4, string>
  readonly instances: readonly InstancePlan[]
  readonly services: readonly ServiceConfig[]
  /** Third parties that say whether this node may hold, and how another one is put out of action; for the shell. */
  readonly witnesses: readonly Witness[]
  readonly arbiter: Arbiter | undefined
  readonly fencing: Fencing | undefined
  /** Absent: nodes know each other by VRRP alone. */
  readonly channel?: ChannelPlan | undefined
}

/** An administrator's `haup failover` or `haup standby`. */
export type Hold = {
  readonly since: Micros
  readonly until: Micros | undefined
  /** Another node took over since, by its adverts or as it says. If none does, the hold ends and this node takes part again. */
  readonly answered: boolean
  /** The first one that did, and when that was heard. */
  readonly taker: { readonly address: Ipv4; readonly at: Micros } | undefined
  /** `haup standby`: of all instances, also those that were not held. */
  readonly standby: boolean
  /** `haup standby --strict`: takes no part at all, not even when nobody else could serve. */
  readonly strict: boolean
}

export type Display = { readonly state: InstanceState; readonly since: Micros; readonly reason: string }

export type InstanceRuntime = {
  readonly router: RouterState
  readonly hold: Hold | undefined
  /** By interface: every one that was reported, also those that other instances use. */
  readonly links: ReadonlyMap<string, LinkState>
  /** The VRRP socket of its interface: undefined = not opened yet, otherwise what is wrong with it, or 'open'. */
  readonly socket: 'open' | { readonly error: string } | undefined
  readonly bindFailure: { readonly message: string; readonly retryAt: Micros } | undefined
  /** Claims that failed in a row, for want of addresses or of adverts. */
  readonly failedClaims: number
  /** Puts addresses back that somebody takes away. */
  readonly guardian: Guardian
  /** Whether the box's own addresses are where the instance needs them. */
  readonly place: Place
  /** Its addresses that this box has without haup's mark: others' work. */
  readonly strangers: readonly Stranger[]
  /** What has been said of each kind of notice, and of strangers. */
  readonly said: ReadonlyMap<string, Said>
  /** What has been said of changes of state. */
  readonly stateLines: StateLines
  readonly lan: LanState
  readonly peer: PeerRuntime
  readonly gate: GateState
  /** It may have more to do, and is to be looked at again at once. */
  readonly again: boolean
  /** Why the router is in its phase, in words: the cause of its last change. */
  readonly cause: string
  readonly display: Display
  readonly redundancy: Redundancy
  /** The addresses were lost by a fault. */
  readonly damping: Damping | undefined
}

export type EngineState = {
  /** The plan that all instances have been brought in line with; undefined: none yet. */
  readonly follows: NodePlan | undefined
  readonly instances: ReadonlyMap<string, InstanceRuntime>
  readonly services: ReadonlyMap<string, ServiceState>
  /** Whether ARP is heard and can be asked. */
  readonly arp: boolean
  /** Hardware addresses of the other nodes, by their own addresses, as far as ARP told them. */
  readonly stations: ReadonlyMap<Ipv4, Mac>
  readonly stopping: boolean
  /** The engine is about to stop: what it holds is handed over first. */
  readonly leaving: boolean
  /** When this engine started, or last woke up so late that what it knows of others may be wrong. */
  readonly wokeAt: Micros | undefined
  readonly pace: Pace
  /** What the channel tells of the other haup nodes, by name. */
  readonly peers: ReadonlyMap<string, PeerFacts>
  /** Of those that are not heard both ways by the channel, what is wrong (hearing.ts). */
  readonly hearing: ReadonlyMap<string, ChannelTrouble>
  /** What was said to them last, and when something has to be said again. */
  readonly talk: Spoken | undefined
  /** Of the configured ways to see that this box is not isolated, those that fail; by name, with why. */
  readonly lostWitnesses: ReadonlyMap<string, string>
  /** Until when an arbiter's lease lets each instance be held. */
  readonly leases: ReadonlyMap<string, Micros>
  /** The kernel has a gate, so that what is not opened is closed. */
  readonly fenced: boolean
}

export type EngineEvent = { readonly now: Micros } & (
  | { readonly kind: 'start' }
  /** `late`: after the instant that the timer was set to. */
  | { readonly kind: 'timer'; readonly late?: Micros }
  | {
      readonly kind: 'advert'
      readonly instance: string
      readonly from: Ipv4
      readonly id: number
      readonly advert: Advert
    }
  /** An advert that does not count (adverts.ts). Made of an `advert` by the core itself. */
  | { readonly kind: 'advert-ignored'; readonly instance: string; readonly from: Ipv4; readonly why: Ignored }
  | { readonly kind: 'link'; readonly link: LinkState }
  | { readonly kind: 'socket'; readonly interface: string; readonly error: string | undefined }
  /** An advert with our VRID that was discarded, from an address that is no node's. */
  | { readonly kind: 'stranger'; readonly instance: string; readonly from: Ipv4 }
  | { readonly kind: 'arp-ready'; readonly ready: boolean }
  /** A node's own address was seen with this hardware address. */
  | { readonly kind: 'neighbour'; readonly address: Ipv4; readonly mac: Mac }
  /** Another station says that a virtual address is its own. `announced`: unasked, to everybody. */
  | {
      readonly kind: 'foreign-claim'
      readonly instance: string
      readonly address: Ipv4
      readonly mac: Mac
      readonly own: Mac
      readonly announced: boolean
    }
  /** Somebody asks whether a virtual address is in use (RFC 5227). */
  | { readonly kind: 'lan-probe'; readonly instance: string }
  | { readonly kind: 'bind-failed'; readonly instance: string; readonly message: string }
  /** What a `bind-failed` told of succeeds again. */
  | { readonly kind: 'able'; readonly instance: string }
  /** Answer to `check-bindings`: whether binding would succeed now. */
  | { readonly kind: 'bindings-checked'; readonly instance: string; readonly error: string | undefined }
  /** All addresses of this box, whenever one changes. */
  | { readonly kind: 'addresses'; readonly seen: readonly SeenAddress[] }
  /** The kernel lacks what this node as master has bound. */
  | { readonly kind: 'address-lost'; readonly instance: string; readonly missing: readonly BoundAddress[] }
  /** Who did it; found out while it is put back. */
  | { readonly kind: 'culprit'; readonly instance: string; readonly culprit: Culprit }
  /** The answers to `repair`. */
  | { readonly kind: 'repaired'; readonly instance: string }
  | { readonly kind: 'repair-failed'; readonly instance: string; readonly message: string }
  | { readonly kind: 'probed'; readonly service: string; readonly results: readonly ProbeResult[] }
  | { readonly kind: 'config-tested'; readonly service: string; readonly outcome: CommandOutcome }
  | { readonly kind: 'restarted'; readonly service: string; readonly outcome: CommandOutcome }
  | { readonly kind: 'main-process'; readonly service: string; readonly main: MainProcess }
  /** `since`: of a hold that an earlier life of the engine has kept; absent = it begins now. */
  | {
      readonly kind: 'hold'
      readonly instances: readonly string[]
      readonly until: Micros | undefined
      readonly since?: Micros
      /** The node that is to take over; absent: the best one. */
      readonly to?: string
      /** This node is to hold nothing; not ended by nobody's taking over. */
      readonly standby?: boolean
      /** It is to hold nothing whatever happens to others. */
      readonly strict?: boolean
      /** Also when it is known that nobody could take over. */
      readonly force?: boolean
    }
  | { readonly kind: 'back'; readonly instances: readonly string[] }
  | { readonly kind: 'stop'; readonly reason: string }
  /** The engine will stop: hand over first what can be handed over. */
  | { readonly kind: 'leave' }
  /** A node said something by the channel, proven to be of its present life (`provenAt` as in `PeerHeard`). */
  | {
      readonly kind: 'peer-heard'
      readonly node: string
      readonly path: string
      readonly report: PeerReport
      readonly provenAt: Micros
      readonly order: Order
    }
  /** The node's present life is believed from now on, and it has heard no report of ours. */
  | { readonly kind: 'peer-met'; readonly node: string }
  /** Something valid, and no news, came by this path. */
  | { readonly kind: 'peer-path'; readonly node: string; readonly path: string }
  /** Something with the node's seal came, which may be a recording: it has not heard us in its present life. */
  | { readonly kind: 'peer-unproven'; readonly node: string }
  /** A connection to the node's engine ended without a farewell. */
  | { readonly kind: 'peer-broken'; readonly node: string }
  /** The answer to `check-reach`. */
  | { readonly kind: 'reach'; readonly instance: string; readonly lan: LanAnswer }
  /** A configured witness is lost (with the reason), or there again. */
  | { readonly kind: 'witness'; readonly name: string; readonly lost: string | undefined }
  /** An arbiter's lease for the instance: until when it may be held; undefined: it is somebody else's, or lost. */
  | { readonly kind: 'lease'; readonly instance: string; readonly until: Micros | undefined }
  | { readonly kind: 'fenced'; readonly instance: string; readonly node: string; readonly confirmed: boolean }
  /** The instance's addresses are gone from the kernel, or closed for good. */
  | { readonly kind: 'let-go'; readonly instance: string }
  /** Answers to `admit` and `hand-on`. */
  | { readonly kind: 'admitted'; readonly instance: string; readonly id: number; readonly error: string | undefined }
  | { readonly kind: 'handed-on'; readonly instance: string; readonly id: number; readonly error: string | undefined }
  /** What follows `bind` has been done: the gate is open, or its policy keeps it closed. */
  | { readonly kind: 'opened'; readonly instance: string }
  /** The kernel has a gate, or can do without none (gate-keeper.ts). */
  | { readonly kind: 'fence'; readonly ready: boolean }
  /** An advert of a master left, not before `at`; `id`: in its packet's IPv4 identification field. */
  | { readonly kind: 'advert-sent'; readonly instance: string; readonly at: Micros; readonly id: number }
  /** The addresses are in the kernel, after `bind`. */
  | { readonly kind: 'bound'; readonly instance: string }
  /** The answers to `gate`: open until then, or refused. */
  | { readonly kind: 'gate-opened'; readonly instance: string; readonly until: Micros }
  | { readonly kind: 'gate-failed'; readonly instance: string; readonly message: string }
)

export type EngineAction =
  | { readonly kind: 'router'; readonly instance: string; readonly action: RouterAction }
  /** Bind again what is missing, read back, announce. */
  | { readonly kind: 'repair'; readonly instance: string }
  | { readonly kind: 'service'; readonly service: string; readonly action: ServiceAction }
  /** Ask who has the instance's addresses, and where the other nodes are; once more after `again`. */
  | { readonly kind: 'probe-lan'; readonly instance: string; readonly again: Micros }
  | { readonly kind: 'check-bindings'; readonly instance: string }
  /** Say this to these nodes, now. The shell adds how late the loop runs. */
  | { readonly kind: 'say'; readonly nodes: readonly string[]; readonly report: PeerReport }
  /** Ask whether this box reaches the instance's LAN, leaving the other nodes aside. */
  | { readonly kind: 'check-reach'; readonly instance: string }
  /** Bind behind the closed gate, and let in only what this node hands on. */
  | { readonly kind: 'admit'; readonly instance: string; readonly id: number; readonly from: string }
  /** Close, and hand on to this node what still comes here. */
  | { readonly kind: 'hand-on'; readonly instance: string; readonly id: number; readonly to: string }
  /** Let the kernel answer for the addresses until then; undefined: close. */
  | { readonly kind: 'gate'; readonly instance: string; readonly until: Micros | undefined; readonly why: string }
  /** Get, or keep, the arbiter's lease; or give it back. */
  | { readonly kind: 'lease'; readonly instance: string; readonly wanted: boolean }
  | { readonly kind: 'fence'; readonly instance: string; readonly node: string }
  | { readonly kind: 'log'; readonly record: LogRecord }

export type EngineStep = {
  readonly state: EngineState
  readonly actions: readonly EngineAction[]
  /** The instances that were looked at; all others are as they were. */
  readonly touched: readonly InstancePlan[]
}
