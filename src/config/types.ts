import type { ServiceConfig } from '../probes/types.ts'
import type { Ipv4, Ipv4Prefix } from '../shared/ip.ts'
import type { Micros } from '../shared/units.ts'

/** `haup.yaml` after parsing: every value checked, every default filled in, the same on every node. */
export type ClusterConfig = {
  readonly cluster: string
  readonly nodes: readonly NodeConfig[]
  readonly instances: readonly InstanceConfig[]
  readonly services: readonly ServiceConfig[]
  /** For every instance, after its own. */
  readonly notify: NotifyConfig | undefined
  /** The channel between haup nodes; undefined = there is none. */
  readonly peer: PeerConfig | undefined
  readonly witnesses: readonly Witness[]
  /** `majority`: a node holds only while more than half of the haup nodes, itself among them, let it. */
  readonly quorum: 'none' | 'majority'
  /** Run before a claim when a haup node is silent on all paths. */
  readonly fencing: Fencing | undefined
}

export type PeerConfig = {
  /** As named in the file; relative to its directory. */
  readonly keyFile: string
  /** From that file: the first one seals, all of them open. 32 bytes each. */
  readonly keys: readonly Uint8Array[]
  /** UDP and TCP. */
  readonly port: number
}

/** A third party. */
export type Witness =
  /** Its absence forbids holding; its presence proves nothing. */
  | {
      readonly kind: 'reachability'
      readonly name: string
      readonly target: WitnessTarget
      readonly interval: Micros
      readonly timeout: Micros
      /** Answers in a row until it is there, missing ones until it is not. */
      readonly rise: number
      readonly fall: number
    }
  /** An exclusive lease by compare-and-swap. There is one at most. */
  | {
      readonly kind: 'arbiter'
      readonly name: string
      readonly store: LeaseStore
      /** How long the lease lasts that is not renewed; longer than any backup waits for a silent master. */
      readonly ttl: Micros
      /** How long one request may take; a third of `ttl` at most. */
      readonly timeout: Micros
      /** PEM files; `ca` undefined = the system's. */
      readonly tls: {
        readonly ca: string | undefined
        readonly own: { readonly cert: string; readonly key: string } | undefined
      }
      readonly login: { readonly user: string; readonly password: string | undefined } | undefined
    }

export type Arbiter = Extract<Witness, { readonly kind: 'arbiter' }>

export type WitnessTarget =
  | { readonly kind: 'ping' | 'arp'; readonly address: Ipv4 }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'http'; readonly url: string }

export type LeaseStore =
  /** GET gives an ETag; PUT with If-Match, or with If-None-Match: * for the first time. */
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'etcd'; readonly endpoints: readonly string[]; readonly prefix: string }

export type Fencing = {
  /** Fixed arguments; `{node}` in one of them stands for the name of the silent node. */
  readonly argv: readonly string[]
  readonly timeout: Micros
}

export type NodeConfig = {
  readonly name: string
  /** The node's own address on the LAN: source of its adverts, and how it finds itself in the file. */
  readonly address: Ipv4
  /** Interface of that address; undefined = the one that has it. */
  readonly interface: string | undefined
  /** What speaks VRRP there. Of a haup node it is known that only a living engine answers for the addresses. */
  readonly kind: NodeKind
  /** Own addresses for the peer channel beside `address`: the one at index i talks to those at index i of the others. */
  readonly paths: readonly Ipv4[]
}

export type NodeKind = 'haup' | 'keepalived'

export type VirtualAddress = {
  readonly address: Ipv4Prefix
  /** Where it is bound; undefined = the instance's interface. */
  readonly interface: string | undefined
  /** `eth1:1`, shown by `ip addr` and `ifconfig`. */
  readonly label: string | undefined
}

/** What a failed service does to the instances that track it. */
export type OnFailure =
  /** Give the address up at once: priority 0, FAULT. */
  | { readonly kind: 'release' }
  /** Lower the priority and let a preempting backup take over in its time (keepalived `weight`). */
  | { readonly kind: 'lower'; readonly by: number }

export type InstanceConfig = {
  readonly name: string
  readonly vrid: number
  readonly version: 2 | 3
  /** Interface of the adverts; undefined = the node's. */
  readonly interface: string | undefined
  /** By node name: 2..254, or 255: the owner, whom nobody preempts. Every node has one. */
  readonly priority: Readonly<Record<string, number>>
  readonly preempt: boolean
  readonly preemptDelay: Micros
  readonly advertInterval: Micros
  /** VRRPv2 password as given (1 to 8 bytes of UTF-8), from the file named in `password_file`. */
  readonly password: string | undefined
  readonly checksum: { readonly send: 'pseudo' | 'message'; readonly accept: 'pseudo' | 'message' | 'both' }
  readonly virtualAddresses: readonly VirtualAddress[]
  readonly track: readonly { readonly service: string; readonly onFailure: OnFailure }[]
  /** When this node's service is down and nobody else claims the address: keep it (default), or leave it unheld. */
  readonly whenAllDown: 'hold' | 'release'
  readonly announceRefresh: Micros
  /** Whether the kernel closes the addresses when this node's adverts end. */
  readonly gate: boolean
  readonly notify: NotifyConfig | undefined
}

export type NotifyState = 'master' | 'backup' | 'fault' | 'stop' | 'redundancy_lost' | 'redundancy_back'

/** Commands (fixed argv) that are told of changes of state. */
export type NotifyConfig = {
  readonly on: Readonly<Partial<Record<NotifyState, readonly string[] | undefined>>>
  /** For every state of keepalived's; gets `INSTANCE NAME STATE PRIORITY` appended, as keepalived's `notify` script does. */
  readonly any: readonly string[] | undefined
  readonly timeout: Micros
  readonly user: string | undefined
}

/** Where in a file something is wrong, counted from 1; 0 and 0: the file as a whole. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

export type ConfigProblem = {
  readonly severity: 'error' | 'warning'
  readonly place: Place
  /** Dotted path in the document: `instances.www.priority.web1`. */
  readonly path: string
  readonly message: string
  /** What to write instead, when that can be told: the nearest valid key, the allowed range. */
  readonly remedy: string | undefined
}

export type LoadedConfig = {
  readonly config: ClusterConfig
  readonly warnings: readonly ConfigProblem[]
  readonly file: string
}
