import type { CommandOutcome, MainProcess, ProbeResult, ServiceConfig } from '../probes/types.ts'
import type { Ipv4, Ipv4Prefix } from '../shared/ip.ts'
import type { Result } from '../shared/result.ts'
import type { Micros } from '../shared/units.ts'
import type { Order, PathHealth, PeerReport } from './peer/types.ts'
import type { ArpPacket, Mac } from './vrrp/arp.ts'

/**
 * All that the engine needs from the world, as narrow function types. Files under `io/`, `vip/` and `probes/` implement
 * them; tests implement them over a simulated LAN. No library type appears here.
 */

/** Monotonic time, one exact wake-up for the loop, and timers for what may be late. */
export type Clock = {
  readonly now: () => Micros
  /** Arming again replaces the former deadline; undefined disarms. */
  readonly wakeAt: (deadline: Micros | undefined, wake: () => void) => void
  /** Runs it once after so long (whole milliseconds, at least one), never within the call. Returns how to cancel it. */
  readonly after: (delay: Micros, run: () => void) => () => void
}

/** Called at least once in `interval` for as long as the loop turns. */
export type Heartbeat = { readonly interval: Micros; readonly beat: () => void }

/** One interface's VRRP socket: whole IPv4 packets (with their headers) both ways. */
export type VrrpLink = {
  /** Queues nothing: the packet is handed to the kernel before this returns. */
  readonly send: (packet: Uint8Array, destination: Ipv4) => Result<void, string>
  readonly close: () => void
}

export type OpenVrrpLink = (
  options: { readonly interface: string; readonly source: Ipv4 },
  onPacket: (packet: Uint8Array) => void,
  onError: (message: string) => void,
) => Result<VrrpLink, string>

export type BoundAddress = {
  readonly interface: string
  readonly address: Ipv4Prefix
  readonly label: string | undefined
}

export type AddressPort = {
  /**
   * Makes `desired` the whole of what `owner` (an instance) has in the kernel: adds, removes, reads back. What somebody else
   * has set in its place already is used as it is, and stays. Idempotent; calls for one owner are served in order. The
   * error names the address and the remedy.
   */
  readonly apply: (owner: string, desired: readonly BoundAddress[]) => Promise<Result<void, string>>
  /**
   * The owner's addresses expire by themselves after about this many seconds, unless it is called again: the net beneath
   * an engine that died. One that is not there any more is not put back.
   */
  readonly renew: (owner: string, seconds: number) => Promise<Result<void, string>>
  /** Whether `apply` would succeed, without changing anything. The error is the one that it would give. */
  readonly check: (desired: readonly BoundAddress[]) => Promise<Result<void, string>>
  /**
   * What of `desired` the kernel does not hold as ours: removed, or replaced by one without our mark. Reads only, in turn
   * with the calls of `apply`.
   */
  readonly missing: (desired: readonly BoundAddress[]) => Promise<Result<readonly BoundAddress[], string>>
  /** Those of `desired` that the box has and that are not haup's, as they are there. */
  readonly others: (desired: readonly BoundAddress[]) => Promise<Result<readonly BoundAddress[], string>>
  /**
   * Takes these away where somebody else has set them, until `cleanup` sets them again as they were, in whatever life of
   * haup. For addresses that no gate keeps closed. Returns what was taken away.
   */
  readonly withhold: (desired: readonly BoundAddress[]) => Promise<Result<readonly BoundAddress[], string>>
  /**
   * Removes every address that carries haup's tag (left-overs of an earlier life) and gives back what was withheld; returns
   * what was removed.
   */
  readonly cleanup: () => Promise<readonly BoundAddress[]>
  readonly close: () => void
}

/** An address of this box as the kernel has it, with haup's mark or without. */
export type SeenAddress = {
  readonly interface: string
  readonly address: Ipv4Prefix
  readonly ours: boolean
  /** Of a virtual address that is not ours: what sets it, such as a file and a line; null: not found; absent: not looked for. */
  readonly origin?: string | null
}

/** Who changed an address, as far as can be told, and what keeps it from doing so. */
export type Culprit = { readonly who: string; readonly advice: string | undefined }

/** Reports all addresses of the box, at the start and after every change, whoever made it (also haup itself). */
export type WatchAddresses = (
  onChange: (seen: readonly SeenAddress[]) => void,
  onTrouble: (message: string) => void,
) => Promise<AddressWatch>

export type AddressWatch = {
  /** Who took an address away last; asked at once, because short-lived programs are forgotten. */
  readonly whoRemoved: (address: BoundAddress) => Promise<Culprit | undefined>
  /** What sets an address that is not haup's: a file and a line, or the program that manages the interface. */
  readonly originOf: (address: SeenAddress) => Promise<string | null>
  readonly close: () => void
}

/** Gratuitous ARP for each address, from the interface's own hardware address. */
export type Announce = (interfaceName: string, addresses: readonly Ipv4[]) => Result<void, string>

/** `own` is the hardware address of the interface that heard it. */
export type ArpHeard = { readonly interface: string; readonly own: Mac; readonly packet: ArpPacket }

/** ARP of other machines. */
export type ArpPort = {
  /** Hears from now on who claims these addresses or probes for them, and nothing else. The error is for people. */
  readonly listen: (addresses: readonly Ipv4[]) => Result<void, string>
  /** Asks (RFC 5227) who has each address, now and once more after `again`. The answers are heard. */
  readonly probe: (interfaceName: string, addresses: readonly Ipv4[], again: Micros) => Result<void, string>
  readonly close: () => void
}

export type OpenArp = (onHeard: (heard: ArpHeard) => void) => ArpPort

/**
 * An instance and all of its virtual addresses, IPv4 or IPv6 in text form. `asking` is the box's own address on their LAN:
 * while closed, hosts' hardware addresses are asked for in that name. Absent: not asked for.
 */
export type GateOwner = {
  readonly owner: string
  readonly addresses: readonly string[]
  readonly asking?: Ipv4 | undefined
}

export type GateReadiness =
  | { readonly kind: 'ready' }
  /** This kernel cannot do it: the addresses are not fenced. */
  | { readonly kind: 'unsupported'; readonly reason: string }

/**
 * Where packets for an address are sent that has moved: another node's own address, its hardware address (what comes from
 * there is not sent back), and the interface through which it is reached.
 */
export type HandOn = { readonly to: Ipv4; readonly mac: Mac; readonly interface: string }

/** Whose packets are let in while the gate is closed. */
export type Admission = { readonly from: Mac }

/**
 * What keeps this box from answering for a virtual address whenever the engine does not vouch for it right now: closed
 * until opened, closed by the kernel when the time is over or the engine dies. Calls are served in order.
 */
export type GatePort = {
  /**
   * Closes these owners' addresses, and no others, and reads back; an owner that is open stays so until its time.
   * Idempotent. The error says what stands in the way.
   */
  readonly prepare: (owners: readonly GateOwner[]) => Promise<Result<GateReadiness, string>>
  /** Open until this instant of the clock, for this owner only; to be called with each advert that was sent. */
  readonly open: (owner: string, until: Micros) => Promise<Result<void, string>>
  /** Resolves when nothing new gets in any more, not even what is handed on. */
  readonly close: (owner: string) => Promise<Result<void, string>>
  /**
   * The new holder's part of a planned move: while closed, IPv4 packets for the owner's addresses that the old holder sends
   * on are let in, nothing else. Until this instant, or `open`, `close`, or the end of the engine.
   */
  readonly admit: (owner: string, admission: Admission, until: Micros) => Promise<Result<void, string>>
  /**
   * The old holder's part: in one step closed, and whatever begins something new with one of the owner's IPv4 addresses is
   * sent to the new holder until this instant, whatever happens to the engine; when the address is bound no more, whatever
   * is for it. TCP connections that exist go on here while it is bound. Ends with `open`. After an error nothing has changed.
   */
  readonly handOn: (owner: string, target: HandOn, until: Micros) => Promise<Result<void, string>>
  /** Takes everything away, also what an earlier engine left. The addresses are then as without haup. */
  readonly remove: () => Promise<Result<void, string>>
  /**
   * The same at the end of an engine: but what is handed on goes on until its time. `keepClosed`: what is closed stays so,
   * for addresses that this box has without haup, and that another node may hold.
   */
  readonly retire: (keepClosed: boolean) => Promise<Result<void, string>>
  /** Told when somebody else changes the gate: it may be open until `prepare` has been called again. */
  readonly onForeignChange: (listener: (what: string) => void) => void
}

export type LinkState = {
  readonly interface: string
  /** Exists, administratively up and with carrier. */
  readonly up: boolean
  readonly detail: string
  /** A bridge or bond that it was made a port of last: what arrives for this box is the bridge's then, not its own. */
  readonly portOf?: string
}

/** Reports each watched interface once at the start and on every change. */
export type WatchLinks = (
  interfaces: readonly string[],
  onChange: (state: LinkState) => void,
) => Promise<{ readonly close: () => void }>

/** What a service's policy asks for; each resolves always. */
export type ServicePort = {
  readonly probe: (service: ServiceConfig) => Promise<readonly ProbeResult[]>
  readonly testConfig: (argv: readonly string[]) => Promise<CommandOutcome>
  readonly restart: (service: ServiceConfig) => Promise<CommandOutcome>
  /** Watches the main processes of these services from now on and of no others; tells of each change, and how it begins. */
  readonly watch: (services: readonly ServiceConfig[], onChange: (service: string, main: MainProcess) => void) => void
}

/** A way to another node: from one of our own addresses to one of its. The first one is the LAN of the instances. */
export type PeerPath = { readonly name: string; readonly local: Ipv4; readonly remote: Ipv4 }

export type PeerEndpoint = { readonly node: string; readonly paths: readonly PeerPath[] }

/** A key of the cluster; the first one seals, all of them open. */
export type ClusterKey = Uint8Array

export type PeerChannelConfig = {
  readonly cluster: string
  readonly self: string
  readonly peers: readonly PeerEndpoint[]
  /** UDP and TCP. */
  readonly port: number
  readonly keys: readonly ClusterKey[]
}

/** Something that a peer said, proven to be of its present life and newer than all before it. */
export type PeerHeard = {
  readonly node: string
  readonly path: string
  readonly report: PeerReport
  /**
   * When we sent the newest of our datagrams (reports, and answers of the channel itself) that the peer had received when it
   * said this; so what it says is not older than that. It does not tell whether a certain report got there. By our clock.
   */
  readonly provenAt: Micros
  readonly order: Order
}

/** Why something that came is not believed, per node; counted, and said at most now and then. */
export type PeerTrouble =
  | { readonly kind: 'key'; readonly node: string | undefined; readonly from: Ipv4 }
  | { readonly kind: 'version' | 'malformed' | 'replayed' | 'stranger'; readonly from: Ipv4; readonly detail: string }

export type PeerChannel = {
  /**
   * Seals the report for each of the nodes, in as many datagrams as it needs, and sends them over every path, now. What cannot
   * be sent is counted. To be called
   * in the turn of the event loop in which the report was made: the seal says what had been received by then.
   */
  readonly say: (nodes: readonly string[], report: PeerReport) => void
  /** Goes on with other peers, paths or keys; what is the same keeps its session. */
  readonly follow: (config: PeerChannelConfig) => void
  /** For `status`: by node. */
  readonly paths: (node: string) => readonly PathHealth[]
  readonly counters: () => PeerCounters
  readonly close: () => void
}

export type PeerCounters = {
  readonly sent: number
  readonly received: number
  readonly send_errors: number
  /** By kind of trouble. */
  readonly rejected: Readonly<Record<string, number>>
}

export type OpenPeerChannel = (
  config: PeerChannelConfig,
  handlers: {
    readonly onHeard: (heard: PeerHeard) => void
    /** Something valid came by this path, and no report that is news (the same one over another path, or an answer). */
    readonly onPath: (node: string, path: string) => void
    /** Something with a valid seal, of a life that is not proven yet: it may be a recording. */
    readonly onUnproven: (node: string) => void
    /** A connection between the engines ended without a farewell: a hint that the peer's engine has died. */
    readonly onBroken: (node: string) => void
    /** A life of the node is believed from now on, and has heard no report of ours yet: say one. */
    readonly onMet?: (node: string) => void
    readonly onTrouble: (trouble: PeerTrouble) => void
  },
) => PeerChannel

export type {
  ArbiterFailure,
  ArbiterGrant,
  ArbiterPort,
  ArbiterView,
  FencePort,
  ReachAnswer,
  ReachPort,
  ReachTarget,
  TrustedCa,
} from './peer/witness.ts'
