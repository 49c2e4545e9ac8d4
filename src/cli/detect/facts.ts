import type { Ipv4 } from '../../shared/ip.ts'

/** What `haup init` sees of this box before it proposes anything. */
export type HostFacts = {
  /** Short: up to the first dot. */
  readonly hostname: string
  /** IPv4 addresses of real interfaces, the default route's first. */
  readonly addresses: readonly HostAddress[]
  /** Of the default route; absent: there is none. */
  readonly gateway?: Ipv4 | undefined
  /** Interfaces that cannot send multicast (IFF_MULTICAST is off). */
  readonly withoutMulticast: readonly string[]
  /** Every nginx and apache, running ones first. */
  readonly servers: readonly WebServer[]
  /** The one that is watched. */
  readonly webServer: WebServer | undefined
  /** What the watched one answers. */
  readonly answers: ServerAnswers
  readonly keepalived: KeepalivedFacts | undefined
  readonly platform: Platform | undefined
  readonly machine: Machine
  readonly firewall: FirewallFacts | undefined
  /** Other VRRP routers heard on the LAN; undefined: nobody listened. */
  readonly heard: readonly HeardRouter[] | undefined
  readonly system: SystemFacts
}

export type HostAddress = {
  readonly interface: string
  readonly address: Ipv4
  readonly length: number
  /** haup itself has bound it. */
  readonly isOurs?: boolean
}

export type WebServer = {
  readonly kind: 'nginx' | 'apache'
  /** Absolute path of what tests the configuration and starts the server (`nginx`, `apache2ctl`). */
  readonly control: string
  /** Arguments that choose this one among several: `-c FILE`. Empty: the binary's own default. */
  readonly options: readonly string[]
  /** Tells several apart. */
  readonly configFile: string | undefined
  readonly pidFile: string | undefined
  /** systemd unit, if systemd runs and knows one. */
  readonly unit: string | undefined
  readonly isRunning: boolean
  readonly listening: readonly Listening[]
  readonly sites: readonly Site[]
  /** A `*.conf` that is put there is read. */
  readonly includeDirectory: string | undefined
}

/** `address` is 0.0.0.0 for a socket that takes connections to any IPv4 address. */
export type Listening = { readonly address: string; readonly port: number }
export type Listen = Listening & { readonly isTls: boolean }

/** A `server` block of nginx, a virtual host of apache. */
export type Site = {
  readonly listens: readonly Listen[]
  readonly names: readonly string[]
  /** Paths that are mentioned on their own (`location = /healthz`). */
  readonly paths: readonly string[]
}

/** A URL that was asked and answered well; `host`: only with this Host header. */
export type Answering = { readonly url: string; readonly host: string | undefined }

/** By loopback, so that the same URL is right on every node. */
export type ServerAnswers = { readonly front: Answering | undefined; readonly health: Answering | undefined }

export type KeepalivedFacts = {
  readonly version: 2 | 3
  readonly vrids: readonly number[]
  readonly isRunning: boolean
}

/** Whether time passes evenly here: a hypervisor may stop its guests for a while. */
export type Machine =
  | { readonly kind: 'hardware'; readonly name: string }
  | { readonly kind: 'guest'; readonly name: string }
  | { readonly kind: 'unknown' }

/** A cloud or hypervisor whose network is not a plain LAN. */
export type Platform = { readonly name: string; readonly breaks: string; readonly remedy: string }

export type FirewallFacts = {
  readonly kind: 'nftables' | 'firewalld' | 'ufw'
  /** Whether adverts (IP protocol 112) come through now. */
  readonly dropsVrrp: boolean
  /** Whether the peer channel does (UDP; TCP goes with it). */
  readonly dropsPeer: boolean
  /** nftables: where a rule has to go, `inet filter input`. */
  readonly chain: readonly string[]
}

/** One router's advert, as heard. */
export type HeardRouter = {
  readonly from: Ipv4
  readonly vrid: number
  readonly version: number
  readonly priority: number
  readonly addresses: readonly Ipv4[]
}

export type SystemFacts = {
  /** What is written is this system's own configuration, not a file somewhere else. */
  readonly writesSystem: boolean
  /** `systemctl` can be used. */
  readonly hasSystemd: boolean
  /** A package has brought haup.service along. */
  readonly hasPackagedUnit: boolean
  /** `/usr/bin/haup`: what a unit starts. */
  readonly program: string | undefined
  /** net.ipv4.ip_nonlocal_bind is on already, by somebody else. */
  readonly nonlocalBind: boolean
}
