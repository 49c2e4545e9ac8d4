import type { NodeKind } from '../../config/types.ts'
import type { Ipv4 } from '../../shared/ip.ts'
import type { Micros } from '../../shared/units.ts'
import type { Mac } from '../vrrp/arp.ts'
import type { Beside } from './lan-beside.ts'

/** Another node, as one instance knows it from the configuration. */
export type Peer = {
  readonly name: string
  readonly address: Ipv4
  readonly kind: NodeKind
  readonly basePriority: number
}

/** Who answered a probe. `spoke`: by an announcement, which only a living engine sends; else the kernel alone did. */
export type Reply = { readonly mac: Mac; readonly spoke: boolean }

/** A look at the LAN before a claim for want of adverts. */
export type Doubt = {
  /** `probing`: answers are awaited; `deferring`: `node` serves, its adverts do not arrive; to be probed again. */
  readonly kind: 'probing' | 'deferring'
  readonly until: Micros
  readonly round: number
  readonly replies: readonly Reply[]
  /** The node that was found to serve, now or in the last probe. */
  readonly node: string | undefined
}

/** Another station that claims an address which this node holds. */
export type Claimant = {
  readonly mac: Mac
  readonly address: Ipv4
  /** The hardware address of our interface that heard it. */
  readonly own: Mac
  readonly since: Micros
  readonly seenAt: Micros
  /** `naming`: is it a node? `waiting`: for its adverts. `confirming`: whether it answers a probe. `known`: said. */
  readonly step: 'naming' | 'waiting' | 'confirming' | 'known'
  /** When the next step is due. */
  readonly at: Micros | undefined
}

/** Another node, seen again and again from `since` to `at`. */
export type Seen = { readonly address: Ipv4; readonly since: Micros; readonly at: Micros }

/** What ARP, and adverts of strangers, tell about one instance. */
export type LanState = {
  readonly doubt: Doubt | undefined
  /** When the look before the next claim has to begin; undefined: it has, or none is needed. */
  readonly lookAt: Micros | undefined
  readonly claimants: readonly Claimant[]
  /** The last announcement of ours. */
  readonly announcedAt: Micros | undefined
  /** The last one that answered a stranger's claim at once. */
  readonly defendedAt: Micros | undefined
  /** The last one that answered a probe. */
  readonly answeredAt: Micros | undefined
  /** Whoever announced the addresses last while this node did not hold them. */
  readonly holder: Mac | undefined
  /** Of a master that claimed because it heard nothing: the nodes seen since; undefined: the LAN is seen right (lan-alone.ts). */
  readonly alone: readonly Seen[] | undefined
  /** Adverts in the name of a node that says otherwise: since when, and the last one. One alone is a claim that came before its report. */
  readonly contradicted: { readonly since: Micros; readonly at: Micros } | undefined
  /** Sources of adverts with our VRID, and when they were last heard. */
  readonly heard: ReadonlyMap<Ipv4, Micros>
  /** Another one that advertises while this node is master. */
  readonly beside: Beside | undefined
}

export const quietLan: LanState = {
  doubt: undefined,
  lookAt: undefined,
  claimants: [],
  announcedAt: undefined,
  defendedAt: undefined,
  answeredAt: undefined,
  holder: undefined,
  alone: undefined,
  contradicted: undefined,
  heard: new Map(),
  beside: undefined,
}
