import type { Ipv4 } from '../../shared/ip.ts'
import type { Result } from '../../shared/result.ts'
import type { Micros } from '../../shared/units.ts'
import type { LanReach } from './types.ts'

/** The ports of the witnesses: what tells a node that it, and not the other one, may hold. PURE. */

/**
 * Something whose answer shows that this box reaches a network: its absence forbids holding, its presence proves nothing
 * about the other nodes.
 */
export type ReachTarget =
  /** ARP from this interface, whatever the routes say. */
  | { readonly kind: 'arp'; readonly interface: string; readonly address: Ipv4 }
  /** ICMP echo; by this interface alone, or as the routes say. */
  | { readonly kind: 'ping'; readonly address: Ipv4; readonly interface: string | undefined }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Any status in these ranges is an answer. */
  | {
      readonly kind: 'http'
      readonly url: string
      readonly status: readonly (readonly [number, number])[]
      readonly ca: TrustedCa
    }

/**
 * `deaf`: dark, and nothing at all has come in on the interface for half a second. `silent`: there is nobody to ask, and nothing at all
 * has come in since the first of the questions that go on.
 */
export type LanAnswer = LanReach | 'deaf' | 'silent'

export type TrustedCa =
  | { readonly kind: 'system' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'none' }

export type ReachAnswer = {
  readonly ok: boolean
  /** One printable line: `answered in 0.4ms`. */
  readonly detail: string
}

/** Whom this box reaches. Resolves always; leaves nothing in the kernel. */
export type ReachPort = {
  /** Within `timeout`, plus scheduling. */
  readonly check: (target: ReachTarget, timeout: Micros) => Promise<ReachAnswer>
  /**
   * Asks the default gateways of an interface and up to four neighbours that answered not long ago, but none of `exclude`
   * (the nodes and the virtual addresses): whether the LAN is there does not depend on the cluster. 120 ms at most.
   */
  readonly lanReach: (interfaceName: string, exclude: readonly Ipv4[]) => Promise<LanAnswer>
  readonly close: () => void
}

export type ArbiterFailure =
  /** Somebody else has it, for `forMs` milliseconds at least if it is not renewed. */
  | { readonly kind: 'held'; readonly by: string; readonly forMs: number }
  /** `renew` only: it ran out, or was taken away; nobody has it. */
  | { readonly kind: 'gone' }
  /** No answer, or none that can be relied upon: whether it is ours still is not known. */
  | { readonly kind: 'unreachable'; readonly detail: string }

/** Ours alone until `expiresAt` of our clock: counted from before it was asked for, less a margin for the clocks' rates. */
export type ArbiterGrant = { readonly expiresAt: Micros }

export type ArbiterView =
  | { readonly kind: 'free' }
  | { readonly kind: 'held'; readonly by: string; readonly forMs: number }

/**
 * One exclusive lease by compare-and-swap, at something that all nodes ask. Calls are served in order, each within the
 * time that the port was made with, and resolve always.
 */
export type ArbiterPort = {
  /** Takes it when it is free, run out, or ours already (of this boot of this box, under this name). */
  readonly acquire: (holder: string, ttl: Micros) => Promise<Result<ArbiterGrant, ArbiterFailure>>
  readonly renew: (holder: string, ttl: Micros) => Promise<Result<ArbiterGrant, ArbiterFailure>>
  /** Good as well when it was not ours. */
  readonly release: (holder: string) => Promise<Result<void, ArbiterFailure>>
  /** Reads only. A standby that looks now and then need not wait for a whole `ttl` when the holder has died. */
  readonly look: (holder: string) => Promise<Result<ArbiterView, ArbiterFailure>>
  /** Ends what is under way. */
  readonly close: () => void
}

/** Makes sure that another node is off. `line` is what its command said, for people. Resolves always. */
export type FencePort = {
  readonly fence: (node: string) => Promise<{ readonly confirmed: boolean; readonly line: string }>
}
